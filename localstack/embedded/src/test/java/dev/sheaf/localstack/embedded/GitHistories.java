package dev.sheaf.localstack.embedded;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.InMemoryRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.revwalk.ObjectWalk;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.BundleWriter;
import org.eclipse.jgit.transport.PackParser;
import org.jspecify.annotations.Nullable;

/** Commits and tags that clients push, all in one repository in memory; or what a clone has. */
final class GitHistories {
  private static final PersonIdent WHO =
      new PersonIdent(
          "A U Thor", "author@example.com", Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

  private final InMemoryRepository repository =
      new InMemoryRepository(new DfsRepositoryDescription("histories"));

  /** A commit with one file. */
  synchronized String commit(@Nullable String parent, byte[] content) {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TreeFormatter tree = new TreeFormatter();
      tree.append("file", FileMode.REGULAR_FILE, inserter.insert(Constants.OBJ_BLOB, content));
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(inserter.insert(tree));
      if (parent != null) {
        commit.setParentId(ObjectId.fromString(parent));
      }
      commit.setAuthor(WHO);
      commit.setCommitter(WHO);
      commit.setMessage("a change\n");
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id.name();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An annotated tag. */
  synchronized String tag(String name, String commit) {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TagBuilder tag = new TagBuilder();
      tag.setTag(name);
      tag.setObjectId(ObjectId.fromString(commit), Constants.OBJ_COMMIT);
      tag.setTagger(WHO);
      tag.setMessage("a release\n");
      ObjectId id = inserter.insert(tag);
      inserter.flush();
      return id.name();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A commit's first parent; null for none. */
  synchronized @Nullable String parent(String commit) {
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit parsed = walk.parseCommit(ObjectId.fromString(commit));
      return parsed.getParentCount() == 0 ? null : parsed.getParent(0).name();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A bundle of one ref.
   *
   * @param known a commit that the other side has; null for none
   */
  synchronized byte[] bundle(String ref, String target, @Nullable String known) {
    try (RevWalk walk = new RevWalk(repository)) {
      BundleWriter writer = new BundleWriter(repository);
      writer.include(ref, ObjectId.fromString(target));
      if (known != null) {
        writer.assume(walk.parseCommit(ObjectId.fromString(known)));
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      writer.writeBundle(NullProgressMonitor.INSTANCE, out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a pack in, each of whose objects is proven. */
  void index(byte[] pack) {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      PackParser parser = inserter.newPackParser(new ByteArrayInputStream(pack));
      parser.parse(NullProgressMonitor.INSTANCE);
      inserter.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All objects that these name, which must all be here:. */
  Set<String> reached(Collection<String> targets) {
    Set<String> reached = new HashSet<>();
    try (ObjectWalk walk = new ObjectWalk(repository)) {
      for (String target : targets) {
        RevObject object = walk.parseAny(ObjectId.fromString(target));
        reached.add(object.name());
        walk.markStart(object);
      }
      for (RevObject each = walk.next(); each != null; each = walk.next()) {
        reached.add(each.name());
      }
      for (RevObject each = walk.nextObject(); each != null; each = walk.nextObject()) {
        reached.add(each.name());
      }
      for (String id : reached) {
        if (!walk.getObjectReader().has(ObjectId.fromString(id))) {
          throw new AssertionError("object " + id + " is missing");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return reached;
  }
}
