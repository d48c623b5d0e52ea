package dev.sheaf.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Breaks each rule once. The tables are those of the repository's schema, as far as checked. */
class StoreCheckerTest {
  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private Catalog catalog;

  @BeforeEach
  void makeTables() throws Exception {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
    run(
        """
        create table objects (object_id text collate "C" primary key, size_bytes bigint,
          storage_uri text, etag text, content_cache bytea, marked_at timestamptz)\
        """);
    run("create table object_refs (repo_id text, object_id text, in_store boolean default true)");
    run("create table object_proofs (repo_id text, object_id text, job_id text)");
    run("create table jobs (job_id text, done_at timestamptz, repo_id text default 'r')");
  }

  @Test
  void aSoundSiteHasNoProblems() {
    byte[] wide = new byte[100_000];
    storeObject(new byte[0]);
    ContentId id = storeObject(new byte[] {1, 2, 3});
    addPending(StoredBytes.sha256(wide), wide);
    run("insert into object_refs values ('r', '" + id + "')");
    run("insert into jobs values ('j', null)");
    StoreChecker.requireSound(store, catalog);
  }

  @Test
  void aRowWithoutBytes() {
    ContentId id = storeObject(new byte[] {1});
    store.delete(java.util.List.of(ObjectKeys.object(id)));
    assertProblem("no bytes in the store");
  }

  @Test
  void otherBytes() {
    ContentId id = storeObject(new byte[] {1});
    store.plant(ObjectKeys.object(id), new byte[] {2});
    assertProblem("holds");
  }

  @Test
  void aWrongSize() {
    storeObject(new byte[] {1});
    run("update objects set size_bytes = 2");
    assertProblem("has 1 bytes");
  }

  @Test
  void aWrongEtag() {
    storeObject(new byte[] {1});
    run("update objects set etag = 'other'");
    assertProblem("its row says other");
  }

  @Test
  void aCacheThatNobodyWillEmpty() {
    addPending(StoredBytes.sha256(new byte[] {1}), new byte[] {1});
    assertProblem("no job is left");
    run("insert into jobs values ('j', null)");
    assertThat(StoreChecker.problems(store, catalog)).isEmpty();
    storeObject(new byte[] {2});
    run("update objects set content_cache = 'x'::bytea where storage_uri <> 'pending'");
    assertProblem("still cached");
  }

  @Test
  void aCacheOfOtherBytes() {
    run("insert into jobs values ('j', null)");
    addPending(StoredBytes.sha256(new byte[] {1}), new byte[] {2});
    assertProblem("content_cache of object");
  }

  @Test
  void aDanglingRef() {
    run("insert into object_refs values ('r', 'nobody')");
    assertProblem("1 refs");
  }

  @Test
  void aRefThatClaimsWhatIsPending() {
    run("insert into jobs values ('j', null)");
    ContentId id = StoredBytes.sha256(new byte[] {1});
    addPending(id, new byte[] {1});
    run("insert into object_refs values ('r', '" + id + "', false)");
    assertThat(StoreChecker.problems(store, catalog)).isEmpty();
    run("update object_refs set in_store = true");
    assertProblem("1 refs say that an object is in the store");
  }

  @Test
  void aRefThatWaitsForNoJob() {
    ContentId id = storeObject(new byte[] {1});
    run("insert into jobs values ('other', null, 'other')");
    run("insert into object_refs values ('r', '" + id + "', false)");
    assertProblem("1 refs wait for a job");
  }

  @Test
  void aProofOfNothing() {
    run("insert into object_proofs values ('r', 'nobody', null)");
    assertProblem("1 proofs name objects that are not in the store");
  }

  @Test
  void aProofBesideItsRef() {
    ContentId id = storeObject(new byte[] {1});
    run("insert into object_proofs values ('r', '" + id + "', null)");
    assertThat(StoreChecker.problems(store, catalog)).isEmpty();
    run("insert into object_refs values ('r', '" + id + "')");
    assertProblem("1 proofs are of no use");
  }

  @Test
  void aProofOfAJobThatIsOver() {
    ContentId id = storeObject(new byte[] {1});
    run("insert into object_proofs values ('r', '" + id + "', 'j')");
    run("insert into jobs values ('j', now())");
    assertProblem("1 proofs belong to a job that is over");
  }

  @Test
  void aLyingName() {
    store.plant("packs/" + "0".repeat(64), new byte[] {1});
    assertProblem("packs/");
  }

  private void assertProblem(String text) {
    assertThat(StoreChecker.problems(store, catalog)).anySatisfy(p -> assertThat(p).contains(text));
    assertThatThrownBy(() -> StoreChecker.requireSound(store, catalog))
        .isInstanceOf(AssertionError.class);
  }

  private ContentId storeObject(byte[] bytes) {
    ContentId id = StoredBytes.sha256(bytes);
    String key = ObjectKeys.object(id);
    PutResult result = store.put(key, Content.of(bytes), id, Condition.IF_ABSENT, "x/y");
    String etag = ((PutResult.Written) result).etag();
    insert(id, bytes.length, "s3://" + store.bucket() + "/" + key, etag, null);
    return id;
  }

  private void addPending(ContentId id, byte[] content) {
    insert(id, content.length, "pending", null, content);
  }

  private void insert(
      ContentId id, long size, String uri, @Nullable String etag, byte @Nullable [] cache) {
    catalog.execute(
        Statement.of("insert into objects values (:id, :size, :uri, :etag, :cache::bytea)")
            .text("id", id.hex())
            .number("size", size)
            .text("uri", uri)
            .text("etag", etag)
            .bytes("cache", cache));
  }

  private void run(String sql) {
    catalog.execute(Statement.of(sql));
  }
}
