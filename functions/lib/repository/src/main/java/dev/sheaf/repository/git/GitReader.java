package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.repository.GitHead;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;

/** Git repositories as whoever only reads them sees them. */
public final class GitReader {
  private final Catalog catalog;
  private final GitStorage storage;

  /**
   * @param storage one for the process, as it caches
   */
  public GitReader(Catalog catalog, GitStorage storage) {
    this.catalog = catalog;
    this.storage = storage;
  }

  /** Reads what JGit reads. */
  @FunctionalInterface
  public interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * Reads stored objects.
   *
   * @throws SheafException of kind CORRUPT for objects that JGit cannot read, whatever it throws
   */
  public static <T> T read(Reading<T> reading) {
    try {
      return reading.read();
    } catch (CorruptObjectException | MissingObjectException | IncorrectObjectTypeException e) {
      throw unreadable(e);
    } catch (IndexOutOfBoundsException | ClassCastException | IllegalArgumentException e) {
      throw unreadable(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SheafException unreadable(Exception e) {
    return new SheafException(
        ErrorKind.CORRUPT, "an object of the repository cannot be read: " + e.getMessage(), e);
  }

  /** The objects that are proven. */
  public DfsRepository open(Repo repo) {
    List<StoredPack> packs =
        new GitPacks(catalog, repo.repoId()).live().stream().map(GitFolds::stored).toList();
    return storage.open(new RepoPath(repo.owner(), repo.name()), packs);
  }

  /** What a ref points to; empty when there is none, or none that is proven. */
  public Optional<ObjectId> target(Repo repo, RefName name) {
    return new GitRefTable(catalog, repo.repoId())
        .shown(name)
        .filter(ref -> ref.unprovenBy() == null)
        .map(GitRef::target);
  }

  /** What all refs and HEAD point to, as far as it is proven. */
  public Set<ObjectId> tips(Repo repo) {
    Set<ObjectId> tips = new HashSet<>();
    new GitRefTable(catalog, repo.repoId()).proven().forEach(ref -> tips.add(ref.target()));
    if (GitState.of(catalog, repo.repoId()).head() instanceof GitHead.Detached(ObjectId commit)) {
      tips.add(commit);
    }
    return tips;
  }
}
