package dev.sheaf.repository.git;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code git/<owner>/<repo>/manifest.json}: the refs, HEAD and packs of a repository, for
 * whoever has the bucket and no catalog. It is derived, and follows each change: a later change is
 * never written over by an earlier one, and one that could not be written down is made up for with
 * the next, or by {@link #catchUp}.
 *
 * <pre>
 *   {"version": 1, "kind": "git", "repo_id": "...", "sequence": 7, "epoch": 1,
 *    "home": "https://..." or null, "home_epoch": 0, "as_of": "end of the log" or null,
 *    "head": {"symref": "refs/heads/main"} or {"detached": "40 hex"} or null,
 *    "refs": [{"name" or "name_b64": "...", "target": "40 hex", "peeled": "40 hex"}],
 *    "packs": [{"pack": "64 hex", "sequence": 7, "size_bytes": 1, "index_bytes": 1,
 *              "bitmap_bytes": 0, "objects": 1, "origin": "push"}]}
 * </pre>
 */
public final class GitManifests {
  private static final Logger log = LoggerFactory.getLogger(GitManifests.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";

  /** Others write it at the same time at most so often. */
  private static final int ATTEMPTS = 5;

  private final Catalog catalog;
  private final ObjectStore store;

  public GitManifests(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * Writes down where a repository stands. That it fails is a line in the log: what it tells of is
   * done.
   */
  public void write(Repo repo, GitSnapshot snapshot) {
    try {
      String etag = put(repo, snapshot);
      if (etag != null) {
        GitState.noteManifest(
            catalog, repo.repoId(), new GitState.Manifest(snapshot.state().sequence(), etag));
      }
    } catch (SheafException e) {
      log.warn(
          "the manifest of {}/{} is behind until its next change: {}",
          repo.owner(),
          repo.name(),
          e.getMessage());
    }
  }

  /** Writes the manifest of a repository if it is behind. */
  public void catchUp(Repo repo) {
    GitState state = GitState.of(catalog, repo.repoId());
    if (state.manifest().sequence() < state.sequence()) {
      writeAgain(repo);
    }
  }

  /** Writes the manifest of a repository, wherever the last one has gone. */
  public void writeAgain(Repo repo) {
    write(
        repo,
        catalog.transaction(transaction -> {
          GitState locked = GitState.lock(transaction, repo.repoId());
          return GitSnapshot.read(transaction, repo.repoId(), locked);
        }));
  }

  /**
   * The change that the manifest in the bucket tells of; 0 where there is none. A catalog that
   * knows of fewer changes is older than the bucket.
   */
  public long written(Repo repo) {
    Stored stored = stored(GitKeys.manifest(new RepoPath(repo.owner(), repo.name())));
    return stored == null ? 0 : stored.sequence();
  }

  /**
   * Checks that the catalog is not older than the bucket. One that was set back would call packs
   * nobody's, or retired, that are in use.
   *
   * @throws SheafException of kind CORRUPT when it is
   */
  void requireFollowed(Repo repo, GitState state) {
    long written = written(repo);
    if (written > state.sequence()) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          ("the manifest of %s/%s tells of change %d, the catalog of %d: the catalog was set back;"
                  + " run sheaf rebuild; until then no pack is folded or taken away")
              .formatted(repo.owner(), repo.name(), written, state.sequence()));
    }
  }

  /** The ETag of what was written; null when a later change had been written down already. */
  private @Nullable String put(Repo repo, GitSnapshot snapshot) {
    String key = GitKeys.manifest(new RepoPath(repo.owner(), repo.name()));
    Content body = Content.of(json(repo, snapshot));
    String etag = snapshot.state().manifest().etag();
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Optional<String> written = put(key, body, etag);
      if (written.isPresent()) {
        return written.get();
      }
      Stored stored = stored(key);
      if (stored != null && LostHomes.contains(catalog, repo.repoId())) {
        throw LostHomes.refusal(repo.path());
      }
      if (stored != null && stored.sequence() >= snapshot.state().sequence()) {
        // Equal: an attempt has landed whose writer did not live to note it.
        return stored.sequence() == snapshot.state().sequence() ? stored.etag() : null;
      }
      etag = stored == null ? null : stored.etag();
    }
    throw new SheafException(
        ErrorKind.CONFLICT, key + " was written by others " + ATTEMPTS + " times meanwhile");
  }

  private Optional<String> put(String key, Content body, @Nullable String etag) {
    ObjectStore.Condition condition =
        etag == null ? ObjectStore.Condition.IF_ABSENT : new ObjectStore.Condition.IfMatch(etag);
    try {
      return store.put(key, body, null, condition, JSON_TYPE)
              instanceof ObjectStore.PutResult.Written(String written)
          ? Optional.of(written)
          : Optional.empty();
    } catch (SheafException e) {
      // Somebody has deleted it, or an attempt that was reported to have failed has landed.
      if (e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.UNAVAILABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private record Stored(long sequence, String etag) {}

  private @Nullable Stored stored(String key) {
    return store
        .getIntoMemory(key, null)
        .map(download -> {
          try (download;
              InputStream body = download.body()) {
            return new Stored(
                JSON.readTree(body).path("sequence").asLong(), download.object().etag());
          } catch (JsonProcessingException e) {
            return new Stored(0, download.object().etag());
          } catch (IOException e) {
            throw new SheafException(ErrorKind.UNAVAILABLE, "reading " + key + " broke off", e);
          }
        })
        .orElse(null);
  }

  static byte[] json(Repo repo, GitSnapshot snapshot) {
    ObjectNode json = JSON.createObjectNode();
    json.put("version", 1).put("kind", Repo.Kind.GIT.column()).put("repo_id", repo.repoId());
    json.put("sequence", snapshot.state().sequence()).put("epoch", snapshot.state().epoch());
    json.put("home", snapshot.state().home().site().orElse(null));
    json.put("home_epoch", snapshot.state().home().epoch().value());
    json.put("as_of", snapshot.state().asOf().map(Ulid::text).orElse(null));
    json.set("head", head(snapshot.state().head()));
    ArrayNode refs = json.putArray("refs");
    snapshot.refs().forEach(ref -> put(refs.addObject(), ref));
    ArrayNode packs = json.putArray("packs");
    snapshot.packs().forEach(pack -> put(packs.addObject(), pack));
    try {
      return JSON.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static @Nullable ObjectNode head(@Nullable GitHead head) {
    return switch (head) {
      case null -> null;
      case GitHead.Symbolic(RefName branch) -> {
        ObjectNode json = JSON.createObjectNode();
        name(json, "symref", branch);
        yield json;
      }
      case GitHead.Detached detached ->
          JSON.createObjectNode().put("detached", detached.commit().name());
    };
  }

  private static void put(ObjectNode json, GitRef ref) {
    name(json, "name", ref.name());
    json.put("target", ref.target().name());
    if (ref.peeled() != null) {
      json.put("peeled", ref.peeled().name());
    }
  }

  private static void name(ObjectNode json, String field, RefName name) {
    name.text()
        .ifPresentOrElse(
            text -> json.put(field, text), () -> json.put(field + "_b64", name.base64()));
  }

  private static void put(ObjectNode json, GitPacks.Live pack) {
    json.put("pack", pack.pack().hex()).put("sequence", pack.sequence());
    json.put("size_bytes", pack.sizeBytes()).put("index_bytes", pack.indexBytes());
    json.put("bitmap_bytes", pack.bitmapBytes()).put("objects", pack.objects());
    json.put("origin", pack.origin().column());
  }
}
