package dev.sheaf.repair;

import dev.sheaf.repair.presence.Presence;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.git.GitManifests;
import dev.sheaf.repository.inventory.GitInventory;
import dev.sheaf.repository.inventory.RecordRows;
import dev.sheaf.repository.merge.MergedKeys;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the bucket has beside what was sent, made out of the catalog or out of other keys: records,
 * manifests, merged bundles. The end of a cycle looks after it.
 */
final class DerivedKeys {
  private static final Logger log = LoggerFactory.getLogger(DerivedKeys.class);

  private final Cycle.Ports ports;
  private final Counters counters;
  private final boolean isCleanup;
  private final Manifests manifests;
  private final MergedKeys merged;

  DerivedKeys(Cycle.Ports ports, GitInventory gitInventory, RepairTracker tracker) {
    this.ports = ports;
    this.counters = tracker.counters();
    this.isCleanup = tracker.isCleanup();
    this.manifests =
        new Manifests(
            gitInventory,
            new GitManifests(ports.catalog(), ports.store()),
            ports.store(),
            counters);
    this.merged = new MergedKeys(ports.catalog(), ports.store());
  }

  /** Writes what has changed; in a cleanup also what is not there any more. */
  void write(Presence presence, BooleanSupplier isOver) {
    DamagedCopies damaged = new DamagedCopies(ports.store(), ports.space().temp());
    RepositoryRecords records =
        new RepositoryRecords(ports.catalog(), ports.store(), damaged::keep);
    if (isCleanup) {
      records.look();
      manifests.remake(presence, isOver);
      mendMerged(isOver);
    }
    counters.add(Counter.RECORDS_WRITTEN, records.write(isOver));
  }

  private void mendMerged(BooleanSupplier isOver) {
    for (MergedKeys.Fault fault : merged.faults(ports.clock().instant())) {
      if (isOver.getAsBoolean()) {
        return;
      }
      log.warn("{} is mended: {}", fault.key(), fault.why());
      merged.mend(fault, ports.clock().instant());
      counters.add(Counter.MERGES_MENDED);
    }
  }

  /** The same as lines, without doing any of it. */
  void plan(Presence presence, Consumer<String> sink) {
    if (isCleanup) {
      merged
          .faults(ports.clock().instant())
          .forEach(fault -> sink.accept(Step.line("mend", fault.key(), fault.why())));
    }
    new WriteDowns(new RecordRows(ports.catalog()), manifests, ports.store())
        .plan(presence, isCleanup, sink);
  }
}
