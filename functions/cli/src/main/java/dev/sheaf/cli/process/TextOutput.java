package dev.sheaf.cli.process;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Standard output or standard error. Text passes {@link Visible#block}; bytes (a file's content, a
 * bar's own cursor movements) pass as they are.
 */
public final class TextOutput extends PrintStream {
  private TextOutput(OutputStream to) {
    super(to, true, StandardCharsets.UTF_8);
  }

  /**
   * Where results go. What cannot be written is a failure of the command (SheafException), at once:
   * a result that is cut off must not look like a whole one.
   */
  public static TextOutput results(OutputStream to) {
    return new TextOutput(new Loud(to));
  }

  /** Where everything else goes; when nobody listens, that is no failure. */
  public static TextOutput messages(OutputStream to) {
    return new TextOutput(to);
  }

  /** The same as a writer. */
  public PrintWriter writer() {
    return new PrintWriter(new Through(), true);
  }

  @Override
  public void print(@Nullable String text) {
    super.print(Visible.block(String.valueOf(text)));
  }

  @Override
  public void print(@Nullable Object value) {
    print(String.valueOf(value));
  }

  private final class Through extends Writer {
    @Override
    public void write(char[] text, int offset, int count) {
      print(new String(text, offset, count));
    }

    @Override
    public void flush() {
      TextOutput.this.flush();
    }

    @Override
    public void close() {
      flush();
    }
  }

  /** A print stream keeps failures to itself, but not those that no stream declares. */
  private static final class Loud extends FilterOutputStream {
    Loud(OutputStream to) {
      super(to);
    }

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      try {
        out.write(bytes, offset, count);
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void flush() {
      try {
        out.flush();
      } catch (IOException e) {
        throw failed(e);
      }
    }

    private static SheafException failed(IOException e) {
      return new SheafException(
          ErrorKind.UNAVAILABLE, "the output could not be written: " + e.getMessage(), e);
    }
  }
}
