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
 * Writes a message of level INFO as it is, so that a structured line stays one JSON document, and
 * WARN and ERROR with level and logger in front. Line ends inside become carriage returns:
 * CloudWatch takes every line for an event of its own, and shows these as line ends.
 */
final class StdoutLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient PrintStream out;

  StdoutLogger(String name, PrintStream out) {
    this.name = name;
    this.out = out;
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
    StringWriter text = new StringWriter();
    if (level != Level.INFO) {
      text.append(level.toString()).append(' ').append(name).append(": ");
    }
    text.append(MessageFormatter.basicArrayFormat(pattern, arguments));
    if (failure != null) {
      text.append('\n');
      failure.printStackTrace(new PrintWriter(text));
    }
    out.println(text.toString().stripTrailing().replace("\r\n", "\n").replace('\n', '\r'));
  }
}
