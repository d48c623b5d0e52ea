package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Stamp;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Where a git repository stands.
 *
 * @param kind null until the first push is accepted
 * @param sequence counts its changes
 * @param epoch counts the folds that dropped objects: what was found to be here before one has to
 *     be looked for again
 * @param refs how many refs it has, HEAD not counted
 * @param head null until a push says what it is, or brings a branch
 * @param manifest what was last written into the bucket
 * @param home the one site that accepts its writes
 * @param isLost whether it is to be rebuilt first ({@link LostHomes})
 * @param asOf the end of this site's log when this was read; empty where nobody follows
 */
public record GitState(
    Repo.@Nullable Kind kind,
    long sequence,
    long epoch,
    long refs,
    @Nullable GitHead head,
    Manifest manifest,
    Homes.Home home,
    boolean isLost,
    Optional<Ulid> asOf) {

  /** The row name under which HEAD is kept: no ref can have it. */
  static final String HEAD = "HEAD";

  /** As it travels. */
  public static final String HEAD_HEX =
      HexFormat.of().formatHex(HEAD.getBytes(StandardCharsets.US_ASCII));

  /**
   * The repository's manifest in the bucket.
   *
   * @param sequence the change that it tells of; 0 for none
   * @param etag its ETag; null when there is none
   */
  public record Manifest(long sequence, @Nullable String etag) {}

  private static final String SELECT =
      """
      select r.kind, r.git_sequence, r.git_epoch, r.manifest_sequence, r.manifest_etag,
        r.home, r.epoch as home_epoch, (select last_millis from ops_tail) as last_millis,
        %s as is_lost,
        (select count(*) from git_refs where repo_id = :repo and name <> :head::bytea) as refs,
        h.shown_target as head_target, h.symref as head_symref
      from repos r
        left join git_refs h on h.repo_id = r.repo_id and h.name = :head::bytea
      where r.repo_id = :repo\
      """
          .formatted(LostHomes.contains("r.repo_id"));

  /** Reads it. */
  public static GitState of(Catalog catalog, String repoId) {
    return read(catalog, repoId);
  }

  /**
   * Reads it and locks the repository until the transaction ends: one writer of refs or packs at a
   * time.
   */
  public static GitState lock(Catalog transaction, String repoId) {
    // A statement that waits for the lock itself would see refs as they were before it waited.
    BranchMoves.lock(transaction, repoId);
    return read(transaction, repoId);
  }

  private static GitState read(Catalog catalog, String repoId) {
    return catalog
        .execute(
            Statement.of(SELECT)
                .text("repo", repoId)
                .bytes("head", HEAD.getBytes(StandardCharsets.US_ASCII)))
        .first()
        .map(GitState::state)
        .orElseThrow(() ->
            new SheafException(ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"));
  }

  /**
   * Notes what was written into the bucket, unless what is noted was of a later change. Of one
   * change it may have been written twice with other bytes: what folds know of packs is in it, too.
   */
  public static void noteManifest(Catalog catalog, String repoId, Manifest written) {
    catalog.execute(
        Statement.of(
                """
                update repos set manifest_sequence = :sequence, manifest_etag = :etag
                where repo_id = :repo and manifest_sequence <= :sequence
                """)
            .text("repo", repoId)
            .number("sequence", written.sequence())
            .text("etag", written.etag()));
  }

  /**
   * Counts a change of a repository and notes what it made of HEAD; under the repository's lock.
   *
   * @param newHead null leaves it as it is
   * @return where the repository stands now
   */
  public GitState change(
      Catalog transaction, String repoId, @Nullable GitHead newHead, GitTelling telling) {
    String target = newHead instanceof GitHead.Detached(ObjectId commit) ? commit.name() : null;
    RefName symref = newHead instanceof GitHead.Symbolic(RefName branch) ? branch : null;
    GitTelling.Told told = telling.told();
    boolean moves = newHead != null;
    if (moves || kind == null) {
      told.addRow();
    }
    List<String> suffix =
        moves
            ? told.add(
                Action.UPDATE, Travelling.GIT_REFS.name(), List.of(telling.head(target, symref)))
            : List.of();
    transaction.execute(
        told.bind(
            Statement.of(
                    """
                    with head as (
                      insert into git_refs (repo_id, name, target, symref, shown_target, epoch,
                        op_ulid, updated_at)
                      select :repo, :head::bytea, :target, :symref::bytea, :target, :epoch,
                        %s || :head_suffix, :now::timestamptz
                      where :moves
                      on conflict (repo_id, name) do update set target = excluded.target,
                        symref = excluded.symref, shown_target = excluded.shown_target,
                        shown_peeled = null, peeled = null, epoch = excluded.epoch,
                        op_ulid = coalesce(excluded.op_ulid, git_refs.op_ulid),
                        updated_at = excluded.updated_at
                    ), pushed as (
                      update repos set git_sequence = git_sequence + 1, kind = 'git',
                        pushed_at = :now::timestamptz,
                        default_branch = case when :moves then :branch else default_branch end,
                        op_ulid = coalesce(%s, op_ulid)
                      where repo_id = :repo
                      returning *
                    )%s%s
                    select 1
                    """
                        .formatted(
                            told.prefix(),
                            told.rowUlid(),
                            told.row(Travelling.REPOS, "pushed"),
                            told.records()))
                .text("repo", repoId)
                .bytes("head", HEAD.getBytes(StandardCharsets.US_ASCII))
                .flag("moves", moves)
                .text("target", target)
                .bytes("symref", symref == null ? null : symref.toBytes())
                .text("branch", symref == null ? null : symref.branch().orElse(null))
                .number("epoch", telling.epoch().value())
                .text("head_suffix", suffix.isEmpty() ? null : suffix.getFirst())
                .text("now", telling.now().toString())));
    GitHead head = moves ? newHead : this.head;
    return new GitState(
        Repo.Kind.GIT, sequence + 1, epoch, refs, head, manifest, home, isLost, asOf);
  }

  private static GitState state(Rows.Row row) {
    return new GitState(
        Repo.Kind.ofColumn(row.textOrNull("kind")),
        row.number("git_sequence"),
        row.number("git_epoch"),
        row.number("refs"),
        head(row.textOrNull("head_target"), row.bytesOrNull("head_symref")),
        new Manifest(row.number("manifest_sequence"), row.textOrNull("manifest_etag")),
        new Homes.Home(
            Optional.ofNullable(row.textOrNull("home")), new Epoch(row.number("home_epoch"))),
        row.flag("is_lost"),
        Stamp.end(row.number("last_millis")));
  }

  private static @Nullable GitHead head(@Nullable String target, byte @Nullable [] symref) {
    if (target != null) {
      return new GitHead.Detached(ObjectId.fromString(target));
    }
    return symref == null ? null : new GitHead.Symbolic(RefName.ofBytes(symref));
  }

  /**
   * Checks that git bundles may go into the repository.
   *
   * @throws SheafException of kind INVALID when it holds something else
   */
  public GitState requireGit() {
    if (kind == Repo.Kind.MUSE) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the repository holds a muse history, and a git bundle or git refs cannot go into it;"
              + " push to a repository of another name");
    }
    return this;
  }
}
