package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Cuts the stream of objects into runs. Closing drops what was not handed on. */
final class RunAssembler implements Closeable {
  private final BundleSink sink;
  private final BundleLimits limits;
  private final Spool spool;
  private final InflationBudget budget;
  private final List<WireObject> pending = new ArrayList<>();

  RunAssembler(BundleSink sink, BundleLimits limits, Spool spool, InflationBudget budget) {
    this.sink = sink;
    this.limits = limits;
    this.spool = spool;
    this.budget = budget;
  }

  /** Takes the next object; what it does not refer to goes to the sink. */
  void add(WireObject object) throws IOException {
    if (object.encoding() != Encoding.ZSTD_CHAIN) {
      flush();
    }
    pending.add(object);
    if (object.encoding() == Encoding.ZSTD_CHAIN) {
      checkChain(object);
    }
  }

  /** Hands on what is pending: the list has ended. */
  void flush() throws IOException {
    if (pending.isEmpty()) {
      return;
    }
    ObjectRun run = new ObjectRun(List.copyOf(pending), limits, spool, budget);
    pending.clear();
    boolean taken = false;
    try {
      sink.objects(run);
      taken = true;
    } finally {
      if (!taken) {
        run.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    new ObjectRun(List.copyOf(pending), limits, spool, budget).close();
  }

  private void checkChain(WireObject object) {
    if (pending.size() == 1) {
      throw invalid(object, "has the encoding zstd-chain, but no object before it to refer to");
    }
    if (pending.size() > limits.chainObjects()) {
      throw invalid(
          object, "makes its chain longer than the limit chainObjects " + limits.chainObjects());
    }
  }

  private static SheafException invalid(WireObject object, String problem) {
    return new SheafException(
        ErrorKind.INVALID, "object " + object.id() + " " + problem + "; make the bundle again");
  }
}
