package dev.sheaf.cli.process;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One line on a terminal, written over now and then; in a pipe a line for each piece of work. */
public final class ConsoleProgress implements Progress {
  private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(200);

  /** Back to the beginning of the line, and nothing behind what is written. */
  private static final String OVER = "\r\u001b[K";

  private final TextOutput err;

  /** The line moves the cursor. */
  private final PrintStream asItIs;

  private final boolean interactive;
  private final LongSupplier nanoTime;
  private @Nullable String what;
  private Unit unit = Unit.ITEMS;
  private long total;
  private long done;
  private long shownAt;

  public ConsoleProgress(Environment environment) {
    this.err = environment.err();
    this.asItIs = new PrintStream(err, true, StandardCharsets.UTF_8);
    this.interactive = environment.interactive();
    this.nanoTime = environment.nanoTime();
  }

  @Override
  public synchronized void begin(String what, long total, Unit unit) {
    end();
    if (!interactive) {
      err.println(what + (total == 0 ? "" : " " + amount(total, unit)));
      return;
    }
    this.what = Visible.line(what);
    this.unit = unit;
    this.total = total;
    this.done = 0;
    show();
  }

  private static String amount(long count, Unit unit) {
    return unit == Unit.BYTES ? Output.bytes(count) : Long.toString(count);
  }

  @Override
  public synchronized void step(long amount) {
    done += amount;
    if (what != null && nanoTime.getAsLong() - shownAt >= BETWEEN) {
      show();
    }
  }

  private void show() {
    shownAt = nanoTime.getAsLong();
    String share =
        total == 0
            ? ""
            : String.format(Locale.ROOT, " %3d %% of %s", done * 100 / total, amount(total, unit));
    asItIs.print(OVER + what + share + (total == 0 && done > 0 ? " " + amount(done, unit) : ""));
    asItIs.flush();
  }

  @Override
  public synchronized void end() {
    if (what != null) {
      what = null;
      asItIs.print(OVER);
      asItIs.flush();
    }
  }

  @Override
  public synchronized void say(String line) {
    end();
    err.println(line);
  }
}
