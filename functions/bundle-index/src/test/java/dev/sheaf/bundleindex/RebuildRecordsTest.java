package dev.sheaf.bundleindex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.KnownBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of repositories in the bucket: when they are written, and over what. */
class RebuildRecordsTest extends RebuildFixture {
  /** A catalog that was begun anew must not take away what it is to be rebuilt from. */
  @Test
  void anEmptyCatalogWritesOverNoRecord() {
    small();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    dropCatalog();
    KnownBucket.isRead(catalog);
    push("m", new Writer().next(new Random(9)));
    writeDown();
    assertThat(store.bytes(key)).isEqualTo(record);
  }

  @Test
  void aRecordThatNamesNobodyTakesNobodyAway() {
    small();
    List<String> before = tables();
    String record = "{\"owner\": \"alice\", \"name\": \"m\"}";
    store.plant(ObjectKeys.record("alice", "m"), record.getBytes(UTF_8));
    rebuild();
    requireAs(before, "a record without an id");
  }

  /** Nothing that is no record is taken for one that tells of more. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{}", "{\"repo_id\": null}"})
  void whatIsNoRecordGivesWayToOne(String garbage) {
    small();
    writeDown();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    store.plant(key, garbage.getBytes(UTF_8));
    new RepositoryRecords(catalog, store).look();
    writeDown();
    assertThat(store.bytes(key)).as("not by who keeps no copy").isEqualTo(garbage.getBytes(UTF_8));
    List<String> kept = new ArrayList<>();
    RepositoryRecords records =
        new RepositoryRecords(catalog, store, (damaged, _) -> kept.add(damaged));
    assertThat(records.write(() -> false)).isEqualTo(1);
    assertThat(kept).containsExactly(key);
    assertThat(store.bytes(key)).isEqualTo(record);
  }

  @Test
  void aRecordThatIsGoneIsWrittenAgain() {
    small();
    writeDown();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    store.delete(List.of(key));
    writeDown();
    assertThat(store.head(key)).as("nothing has changed").isEmpty();
    RepositoryRecords records = new RepositoryRecords(catalog, store);
    assertThat(records.look()).isEqualTo(1);
    assertThat(records.write(() -> false)).isEqualTo(1);
    assertThat(store.bytes(key)).isEqualTo(record);
    assertThat(records.look()).isZero();
  }

  /** While branches are not where they were, repair writes nothing down. */
  @Test
  void aRebuildThatIsUnderWayIsNotWrittenDown() {
    small();
    byte[] record = store.bytes(ObjectKeys.record("alice", "m"));
    dropCatalog();
    rebuild(store, catalog, false);
    queue.drain().forEach(this::handle);
    writeDown();
    assertThat(store.bytes(ObjectKeys.record("alice", "m"))).isEqualTo(record);
    rebuild();
    writeDown();
    byte[] written = store.bytes(ObjectKeys.record("alice", "m"));
    assertThat(undated(written)).isEqualTo(undated(record));
  }

  private static String undated(byte[] record) {
    return new String(record, UTF_8).replaceFirst("\"as_of\":\"\\w*\"", "");
  }

  @Test
  void aRecordCostsAPutWhereSomethingHasChanged() {
    small();
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isZero();
    setPublic("m");
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isEqualTo(1);
  }
}
