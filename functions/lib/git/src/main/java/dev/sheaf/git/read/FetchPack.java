package dev.sheaf.git.read;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.git.DeadlineProgress;
import dev.sheaf.git.WalkReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;

/**
 * Packs of what a client wants and lacks: thin, so {@code git index-pack --fix-thin --stdin} takes
 * them in.
 */
public final class FetchPack {
  private final DfsRepository repository;
  private final Path temp;

  /**
   * @param temp the folder for temp files
   */
  public FetchPack(DfsRepository repository, Path temp) {
    this.repository = repository;
    this.temp = temp;
  }

  /**
   * A pack in a temp file, which the caller deletes.
   *
   * @param sha256 of all of its bytes
   */
  public record Prepared(FileContent file, ContentId sha256, long objects) {}

  /**
   * What the repository has of these ids, to be taken as {@code have}; of others nothing is said.
   */
  public Set<ObjectId> known(Collection<ObjectId> ids) throws IOException {
    Set<ObjectId> known = new HashSet<>();
    try (DfsReader reader = repository.getObjectDatabase().newReader()) {
      for (ObjectId id : ids) {
        if (reader.has(id)) {
          known.add(id);
        }
      }
    }
    return known;
  }

  /**
   * The first id that nobody may ask for: neither a ref points to it, nor is it a commit that one
   * reaches. What a branch has let go of is not given out by its id.
   *
   * @param tips what refs point to
   */
  public Optional<ObjectId> unreachable(Set<ObjectId> want, Set<ObjectId> tips) throws IOException {
    Set<ObjectId> asked = new HashSet<>(want);
    asked.removeAll(tips);
    if (asked.isEmpty()) {
      return Optional.empty();
    }
    Set<ObjectId> here = known(asked);
    for (ObjectId id : asked) {
      if (!here.contains(id)) {
        return Optional.of(id);
      }
    }
    try (RevWalk walk = new RevWalk(repository)) {
      return unreachable(walk, asked, tips);
    }
  }

  private static Optional<ObjectId> unreachable(
      RevWalk walk, Set<ObjectId> asked, Set<ObjectId> tips) throws IOException {
    List<RevCommit> commits = new ArrayList<>();
    for (ObjectId id : asked) {
      RevObject object = walk.parseAny(id);
      if (!(object instanceof RevCommit commit)) {
        return Optional.of(id);
      }
      commits.add(commit);
    }
    Set<RevCommit> heads = new HashSet<>();
    for (ObjectId tip : tips) {
      if (walk.peel(walk.parseAny(tip)) instanceof RevCommit commit) {
        heads.add(commit);
      }
    }
    return walk.getObjectReader()
        .createReachabilityChecker(walk)
        .areAllReachable(commits, heads.stream())
        .map(RevCommit::copy);
  }

  /**
   * Writes the pack of what the wanted reach and the others do not.
   *
   * @param want objects that {@link #unreachable} let pass
   * @param have objects that the repository {@link #known knows}
   */
  public Prepared prepare(Set<ObjectId> want, Set<ObjectId> have) throws IOException {
    Path file = Files.createTempFile(temp, "sheaf-", ".pack");
    try (WalkReader reader = new WalkReader(repository);
        PackWriter packer = new PackWriter(new PackConfig(), reader)) {
      packer.setThin(true);
      packer.setDeltaBaseAsOffset(true);
      packer.setIndexDisabled(true);
      packer.preparePack(new DeadlineProgress(), want, have);
      reader.setWalking(false);
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      try (OutputStream out =
          new DigestOutputStream(
              new BufferedOutputStream(Files.newOutputStream(file), 1 << 16), sha256)) {
        packer.writePack(new DeadlineProgress(), new DeadlineProgress(), out);
      }
      FileContent content = new FileContent(file, Files.size(file));
      return new Prepared(content, ContentId.ofBytes(sha256.digest()), packer.getObjectCount());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    } catch (Throwable e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }
}
