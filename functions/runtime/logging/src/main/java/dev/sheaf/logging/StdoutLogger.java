package dev.sheaf.logging;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes a message of level INFO as it is, and WARN and ERROR with level and logger in front; a
 * structured line stays one JSON document at any level, and gets the site's name into it. Line ends
 * inside become carriage returns: CloudWatch takes every line for an event of its own, and shows
 * these as line ends.
 */
final class StdoutLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient PrintStream out;

  /** What a JSON object begins with. */
  private final String opening;

  /**
   * @param site put into structured lines, whose metrics are counted by it; null for none
   */
  StdoutLogger(String name, PrintStream out, @Nullable String site) {
    this.name = name;
    this.out = out;
    this.opening = site == null ? "{" : "{\"site\":\"" + site + "\",";
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return false;
  }

  @Override
  public boolean isInfoEnabled() {
    return true;
  }

  @Override
  public boolean isWarnEnabled() {
    return true;
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String pattern,
      Object @Nullable [] arguments,
      @Nullable Throwable failure) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    boolean structured = message.startsWith("{");
    String prefix = structured || level == Level.INFO ? "" : level + " " + name + ": ";
    String trace = failure == null ? "" : trace(failure);
    if (structured && !message.startsWith("{}")) {
      message = opening + message.substring(1);
    }
    // A trace behind a JSON object on the same line would make it none.
    out.println(oneLine(prefix + message + (structured ? "" : trace)));
    if (structured && failure != null) {
      out.println(oneLine(level + " " + name + ":" + trace));
    }
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    text.append('\n');
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static String oneLine(String text) {
    return text.stripTrailing().replace("\r\n", "\n").replace('\n', '\r');
  }
}
