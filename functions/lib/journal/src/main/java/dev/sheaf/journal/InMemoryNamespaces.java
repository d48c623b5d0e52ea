package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Journals without a store, for tests of what uses them: every journal that is opened on one
 * namespace here sees what the others have written, at once.
 */
public final class InMemoryNamespaces {
  private final Map<Namespace, State> states = new ConcurrentHashMap<>();

  /** Opens a namespace; its state outlives the journal. */
  public Journal open(Namespace namespace) {
    return new InMemoryJournal(
        namespace, states.computeIfAbsent(namespace, _ -> new State(JsonObject.EMPTY)));
  }

  private static final class InMemoryJournal extends StateReads {
    private final Namespace namespace;
    private final State state;
    private volatile boolean closed;

    InMemoryJournal(Namespace namespace, State state) {
      this.namespace = namespace;
      this.state = state;
    }

    @Override
    <T> T read(Function<State, T> query) {
      synchronized (state) {
        return query.apply(state);
      }
    }

    @Override
    public void apply(List<Operation> operations) {
      List<Operation> asRead = EncodedOps.of(operations).asRead();
      if (closed) {
        throw GroupCommit.closed(namespace.toString());
      }
      synchronized (state) {
        state.apply(asRead);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void flush(Duration limit) {}

    @Override
    public boolean refresh(Duration maxAge) {
      return false;
    }

    @Override
    public Optional<SheafException> lastFailure() {
      return Optional.empty();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
