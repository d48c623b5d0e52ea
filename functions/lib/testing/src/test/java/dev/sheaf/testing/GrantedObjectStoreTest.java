package dev.sheaf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GrantedObjectStoreTest {
  private final InMemoryObjectStore bucket = new InMemoryObjectStore();

  private static void requireDenied(ThrowingCallable request) {
    assertThatThrownBy(request)
        .hasMessageContaining("403")
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE));
  }

  private static void put(ObjectStore store, String key, Condition condition) {
    store.put(key, Content.of(new byte[1]), null, condition, "x/y");
  }

  @Test
  void aRoleMayWhatItsPolicySays() {
    ObjectStore index = GrantedObjectStore.of(bucket, "BundleIndexRole");
    put(index, ".metadata/site/x", Condition.ALWAYS);
    assertThat(index.list(".metadata/", null, null).objects()).hasSize(1);
    requireDenied(() -> index.head(".metadata/site/x"));
    requireDenied(() -> put(index, ".metadata/site/x", new Condition.IfMatch("etag")));
    requireDenied(() -> index.delete(List.of(".metadata/site/x")));
    requireDenied(() -> put(index, ".metadata/other/x", Condition.ALWAYS));
    requireDenied(() -> put(index, "x/.metadata/site/x", Condition.ALWAYS));
    ObjectStore repair = GrantedObjectStore.of(bucket, "RepairRole");
    put(repair, ".metadata/present-7/rollup.json", Condition.IF_ABSENT);
    requireDenied(() -> put(repair, ".metadata/present-7/segment.json", Condition.IF_ABSENT));
  }

  @Test
  void aRoleThatDoesNotExistMayNothing() {
    assertThatThrownBy(() -> GrantedObjectStore.of(bucket, "Nobody"))
        .hasMessageContaining("no role");
  }
}
