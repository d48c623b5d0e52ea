package dev.sheaf.repository.git;

import dev.sheaf.bundle.RefName;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Refs of one repository that peers moved to objects which have not come here yet. */
public final class AwaitedRefs {
  /** A name of usual length in hex, and an id: some 250 bytes of a result. */
  private static final int REFS_A_PAGE = 3_500;

  private final Catalog catalog;
  private final String repoId;

  public AwaitedRefs(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * What a peer told of a ref, HEAD among them, while the site shows something else.
   *
   * @param name its bytes in hex
   * @param target null where HEAD names a branch now
   */
  public record Awaited(String name, @Nullable ObjectId target) {
    private static final String HEADS =
        HexFormat.of().formatHex(RefName.HEADS.getBytes(StandardCharsets.US_ASCII));

    /** Whether only a commit will do. */
    public boolean isOfCommits() {
      return name.startsWith(HEADS) || name.equals(GitState.HEAD_HEX);
    }
  }

  /** Refs whose objects were not here when they were last looked for. */
  public List<Awaited> all() {
    List<Awaited> awaited = new ArrayList<>();
    new PagedRead<>(this::awaitedPage, row -> row.text("hex"), REFS_A_PAGE)
        .forEach(
            catalog,
            "",
            row ->
                awaited.add(
                    new Awaited(row.text("hex"), GitRefTable.id(row.textOrNull("target")))));
    return awaited;
  }

  private Statement awaitedPage(String after, long limit) {
    return Statement.of(
            """
            select encode(name, 'hex') as hex, target from git_refs
            where repo_id = :repo and target is distinct from shown_target
              and name > decode(:after, 'hex') order by name limit :limit
            """)
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }

  /**
   * A ref whose objects are here now.
   *
   * @param peeled what its target leads to, as it was found here
   */
  public record Whole(Awaited ref, @Nullable ObjectId peeled) {
    private long encodedBytes() {
      return ref.name().length() + 2L * 48;
    }
  }

  /** Shows refs from now on, each unless somebody has told something else of it meanwhile. */
  public void show(List<Whole> refs) {
    for (List<Whole> batch : Batches.of(refs, Whole::encodedBytes)) {
      catalog.execute(
          Statement.of(
                  """
                  update git_refs r set shown_target = w.target, shown_peeled = w.peeled
                  from unnest(:names::text[], :targets::text[], :peeled::text[])
                      as w (hex, target, peeled)
                    cross join lateral (
                      select ctid as place, target, job_id from git_refs
                      where repo_id = :repo and name = decode(w.hex, 'hex') offset 0) g
                  where g.target is not distinct from w.target and g.job_id is null
                    and r.ctid = g.place
                  """)
              .text("repo", repoId)
              .text("names", PgArray.texts(batch, whole -> whole.ref().name()))
              .text("targets", PgArray.texts(batch, whole -> hex(whole.ref().target())))
              .text("peeled", PgArray.texts(batch, whole -> hex(whole.peeled()))));
    }
  }

  private static @Nullable String hex(@Nullable ObjectId id) {
    return id == null ? null : id.name();
  }
}
