package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.ObjectProof;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.ObjectStream;

/** Reads blobs and hashes them. One thread. */
final class BlobReader implements AutoCloseable {
  private static final long MEMORY_LIMIT = 32L << 20;

  private final ObjectReader reader;
  private final Path folder;

  /**
   * @param folder where blobs that are too large for memory are put; whoever made it deletes it
   */
  BlobReader(GitSource source, Path folder) {
    this.reader = source.newReader();
    this.folder = folder;
  }

  /** Reads one blob. */
  RawObject read(ObjectId blob) throws IOException {
    Content content = content(blob, reader.open(blob, Constants.OBJ_BLOB));
    return new RawObject(Ids.object(content), content, null);
  }

  private Content content(ObjectId id, ObjectLoader blob) throws IOException {
    if (!blob.isLarge() && blob.getSize() <= MEMORY_LIMIT) {
      return Content.of(ObjectProof.of(id, Constants.OBJ_BLOB, blob.getCachedBytes()));
    }
    ObjectProof proof = new ObjectProof(id, Constants.OBJ_BLOB, blob.getSize());
    Path file = Files.createTempFile(folder, "blob-", null);
    try (ObjectStream in = blob.openStream();
        OutputStream out = Files.newOutputStream(file)) {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        out.write(chunk, 0, n);
        proof.take(chunk, n);
      }
    }
    proof.require();
    return new FileContent(file, blob.getSize());
  }

  @Override
  public void close() {
    reader.close();
  }
}
