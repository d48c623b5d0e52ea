package dev.sheaf.localstack.workbench.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What the processor did since a moment: unlike the time that passed, it says the same on a machine
 * that has other things to do.
 */
final class CpuTime {
  private final Duration own;
  private final Duration others;

  private CpuTime(Duration own, Duration others) {
    this.own = own;
    this.others = others;
  }

  static CpuTime begin() {
    return new CpuTime(ownSoFar(), othersSoFar());
  }

  /** In seconds: of this process, all its threads; of those that it started, Postgres above all. */
  Map<String, Object> passed() {
    return Map.of(
        "cpu_seconds", seconds(ownSoFar().minus(own)),
        "postgres_cpu_seconds", seconds(othersSoFar().minus(others)));
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  private static Duration ownSoFar() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return Duration.ofNanos(Math.max(0, system.getProcessCpuTime()));
  }

  private static Duration othersSoFar() {
    return ProcessHandle.current()
        .descendants()
        .map(process -> process.info().totalCpuDuration())
        .flatMap(Optional::stream)
        .reduce(Duration.ZERO, Duration::plus);
  }
}
