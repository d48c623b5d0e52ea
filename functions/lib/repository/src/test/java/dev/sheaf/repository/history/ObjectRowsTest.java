package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.CatalogTest;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ObjectRowsTest extends CatalogTest {
  private final ContentId here = id("here");
  private final ContentId there = id("there");
  private final ContentId nowhere = id("nowhere");

  private ObjectRows rows() {
    return new ObjectRows(catalog);
  }

  private static ObjectRows.Cached cached(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new ObjectRows.Cached(id(text), (BytesContent) Content.of(bytes));
  }

  @Test
  void tellsWhatIsStoredFromWhatWaitsAndWhatIsUnknown() {
    rows().putStored(List.of(new ObjectRows.Stored(here, 4, "\"etag\"")), "bucket", NOW);
    rows().putCached("somebody", List.of(cached("there")), NOW);

    assertThat(rows().standing("r", List.of(nowhere, here, there), NOW))
        .isEqualTo(
            Map.of(
                here, new ObjectRows.Standing(true, false, false),
                there, new ObjectRows.Standing(false, false, false)));
  }

  @Test
  void storesSizeUriAndEtag() {
    rows()
        .putStored(
            List.of(
                new ObjectRows.Stored(id("a"), 1, "\"e-a\\\"{}\""),
                new ObjectRows.Stored(id("empty"), 0, null)),
            "bucket",
            NOW);

    Rows.Row a = row(id("a"));
    assertThat(a.number("size_bytes")).isEqualTo(1);
    assertThat(a.text("etag")).isEqualTo("\"e-a\\\"{}\"");
    String hex = id("a").hex();
    assertThat(a.text("storage_uri"))
        .isEqualTo("s3://bucket/objects/" + hex.substring(0, 2) + "/" + hex);
    assertThat(row(id("empty")).textOrNull("etag")).isNull();
  }

  @Test
  void promotesWhatWaitsAndLeavesWhatIsStored() {
    rows().putCached("somebody", List.of(cached("x"), cached("")), NOW);
    assertThat(row(id("x")).bytes("content_cache")).asString().isEqualTo("x");
    assertThat(row(id("")).bytes("content_cache")).isEmpty();

    rows().putStored(List.of(new ObjectRows.Stored(id("x"), 1, "\"1\"")), "bucket", NOW);
    rows().putStored(List.of(new ObjectRows.Stored(id("x"), 1, null)), "elsewhere", NOW);
    rows().putCached("somebody", List.of(cached("x")), NOW);

    Rows.Row x = row(id("x"));
    assertThat(x.bytesOrNull("content_cache")).isNull();
    assertThat(x.text("storage_uri")).startsWith("s3://bucket/");
    assertThat(x.text("etag")).isEqualTo("\"1\"");
  }

  @Test
  void refsDecideWhatARepositoryMayRead() {
    Repo repo = newRepo();
    rows().putStored(List.of(new ObjectRows.Stored(here, 4, null)), "bucket", NOW);
    rows().putCached("somebody", List.of(cached("there")), NOW);
    rows().putRefs(repo.repoId(), List.of(there, there), NOW);
    rows().putRefs(repo.repoId(), List.of(there), NOW);

    assertThat(rows().missing(repo.repoId(), List.of(nowhere, there, here)))
        .containsExactly(nowhere, here);
    prove(repo.repoId(), "a job that is over", "done");
    assertThat(rows().absent(repo.repoId(), List.of(here)).proven()).isEmpty();
    prove(repo.repoId(), "a job", "pending");
    ObjectRows.Absent absent = rows().absent(repo.repoId(), List.of(nowhere, there, here));
    assertThat(absent.proven()).containsExactly(here);
    assertThat(absent.unproven()).containsExactly(nowhere);
    assertThat(rows().missing(newRepo().repoId(), List.of(here))).containsExactly(here);
  }

  /** The job that had stored an object is given up between the check of a push and its commit. */
  @Test
  void aProofThatIsGoneByTheCommitGivesNothing() throws IOException {
    Repo repo = newRepo();
    rows().putStored(List.of(new ObjectRows.Stored(here, 4, null)), "bucket", NOW);
    prove(repo.repoId(), "a job of its own", "pending");
    Snapshot snapshot =
        new Snapshot("s", true, null, Map.of("f", here), List.of(), PackedMap.EMPTY);
    IncomingHistory history =
        IncomingHistory.of(
            repo.repoId(),
            new History(List.of(), List.of(snapshot), Map.of(), List.of(), PackedMap.EMPTY));
    history.resolveSnapshots(catalog);
    history.checkObjects(catalog, Set.of());
    catalog.execute(Statement.of("delete from object_proofs"));

    assertThatThrownBy(() ->
            BranchMoves.transaction(
                catalog,
                repo.repoId(),
                SiteLog.OFF,
                moves -> {
                  history.writeRefs(moves, Set.of(), NOW);
                  return null;
                }))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
    assertThat(rows().missing(repo.repoId(), List.of(here))).containsExactly(here);
  }

  private void prove(String repoId, String job, String status) {
    catalog.execute(
        Statement.of(
                """
                insert into jobs (job_id, repo_id, job_type, bundle, status, created_at)
                values (:job, :repo, 'bundle.index', 'a bundle', :status, :now::timestamptz)
                """)
            .text("job", job)
            .text("repo", repoId)
            .text("status", status)
            .text("now", NOW.toString()));
    rows().putProven(repoId, job, List.of(new ObjectRows.Stored(here, 4, null)), "bucket", NOW);
  }

  private Rows.Row row(ContentId id) {
    return catalog
        .execute(Statement.of("select * from objects where object_id = :id").text("id", id.hex()))
        .first()
        .orElseThrow();
  }
}
