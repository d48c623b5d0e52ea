package dev.sheaf.cli.process;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on a terminal; in a pipe a line for each piece of work. */
public final class ConsoleProgress implements Progress {
  private static final int MEGABYTE = 1_000_000;

  private final TextOutput err;

  /** The bar moves the cursor. */
  private final PrintStream asItIs;

  private final boolean interactive;
  private @Nullable ProgressBar bar;

  public ConsoleProgress(Environment environment) {
    this.err = environment.err();
    this.asItIs = new PrintStream(err, true, StandardCharsets.UTF_8);
    this.interactive = environment.interactive();
  }

  @Override
  public synchronized void begin(String what, long total, Unit unit) {
    end();
    if (!interactive) {
      err.println(what + (total == 0 ? "" : " " + amount(total, unit)));
      return;
    }
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(what)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .clearDisplayOnFinish()
            .setConsumer(new ConsoleProgressBarConsumer(asItIs));
    if (unit == Unit.BYTES) {
      builder.setUnit(" MB", MEGABYTE);
    }
    bar = builder.build();
  }

  private static String amount(long total, Unit unit) {
    return unit == Unit.BYTES ? Output.bytes(total) : Long.toString(total);
  }

  @Override
  public synchronized void step(long amount) {
    if (bar != null) {
      bar.stepBy(amount);
    }
  }

  @Override
  public synchronized void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public synchronized void say(String line) {
    end();
    err.println(line);
  }
}
