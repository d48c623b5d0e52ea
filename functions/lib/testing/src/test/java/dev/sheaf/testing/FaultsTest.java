package dev.sheaf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private final InMemoryObjectStore store = new InMemoryObjectStore();

  @Test
  void countsTheRequestsOfBothPorts() {
    Faults none = Faults.none();
    work(none, new NotingCatalog());
    assertThat(none.log()).containsExactly("PUT a", "begin", "insert", "commit", "PUT b");
    assertThat(none.happened()).isFalse();
    assertThat(store.keys()).containsExactly("a", "b");
  }

  @Test
  void aRequestFailsBeforeItIsSent() {
    assertThatThrownBy(() -> work(Faults.at(1, Faults.Way.FAILS_BEFORE), new NotingCatalog()))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    assertThat(store.keys()).isEmpty();
  }

  @Test
  void aRequestFailsAfterItLanded() {
    Faults faults = Faults.at(1, Faults.Way.FAILS_AFTER);
    assertThatThrownBy(() -> work(faults, new NotingCatalog())).isInstanceOf(SheafException.class);
    assertThat(faults.happened()).isTrue();
    assertThat(store.keys()).containsExactly("a");
  }

  @Test
  void aDeadProcessSendsNothingMore() {
    Faults faults = Faults.at(1, Faults.Way.CRASHES_AFTER);
    assertThatThrownBy(() -> work(faults, new NotingCatalog())).isInstanceOf(Crash.class);
    assertThatThrownBy(() -> work(faults, new NotingCatalog())).isInstanceOf(Crash.class);
    assertThat(store.keys()).containsExactly("a");
    assertThat(faults.requests()).isEqualTo(1);
  }

  @Test
  void aTransactionFailsAtEachOfItsRequests() {
    assertThat(ended(2, Faults.Way.FAILS_BEFORE)).isEmpty();
    assertThat(ended(2, Faults.Way.FAILS_AFTER)).containsExactly("begin", "rollback");
    assertThat(ended(3, Faults.Way.FAILS_BEFORE)).containsExactly("begin", "rollback");
    assertThat(ended(3, Faults.Way.CRASHES_AFTER)).containsExactly("begin", "insert", "rollback");
    assertThat(ended(4, Faults.Way.CRASHES_BEFORE)).containsExactly("begin", "insert", "rollback");
    assertThat(ended(4, Faults.Way.FAILS_AFTER)).containsExactly("begin", "insert", "commit");
  }

  private List<String> ended(int request, Faults.Way way) {
    NotingCatalog catalog = new NotingCatalog();
    assertThatThrownBy(() -> work(Faults.at(request, way), catalog))
        .isInstanceOfAny(SheafException.class, Crash.class);
    return catalog.noted;
  }

  private void work(Faults faults, Catalog catalog) {
    ObjectStore faulty = new FaultyObjectStore(store, faults);
    put(faulty, "a");
    new FaultyCatalog(catalog, faults)
        .transaction(transaction -> transaction.execute(Statement.of("insert")));
    put(faulty, "b");
  }

  private static void put(ObjectStore store, String key) {
    store.put(key, Content.of(new byte[1]), null, Condition.ALWAYS, "text/plain");
  }

  /** Notes what reaches the database. */
  private static final class NotingCatalog implements Catalog {
    final List<String> noted = new ArrayList<>();

    @Override
    public Rows execute(Statement statement) {
      noted.add(statement.sql());
      return new Rows(List.of(), List.of(), 0);
    }

    @Override
    public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
      noted.add("begin");
      T result;
      try {
        result = work.apply(this);
      } catch (Throwable e) {
        noted.add("rollback");
        throw e;
      }
      noted.add("commit");
      return result;
    }
  }
}
