package dev.sheaf.localstack.workbench.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** The most heap in use since a moment, garbage that was not collected yet included. */
final class PeakHeap {
  private final List<MemoryPoolMXBean> pools;

  private PeakHeap(List<MemoryPoolMXBean> pools) {
    this.pools = pools;
  }

  static PeakHeap begin() {
    List<MemoryPoolMXBean> pools =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .toList();
    pools.forEach(MemoryPoolMXBean::resetPeakUsage);
    return new PeakHeap(pools);
  }

  long megabytes() {
    return pools.stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum() >> 20;
  }
}
