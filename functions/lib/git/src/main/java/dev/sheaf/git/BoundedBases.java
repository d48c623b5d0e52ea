package dev.sheaf.git;

import java.io.IOException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;

/**
 * The objects that thin deltas may build on: the parser takes a base into memory whatever its size,
 * and files that came whole may be larger than that.
 */
final class BoundedBases extends ObjectDatabase {
  private final ObjectDatabase bases;
  private final long objectBytes;

  BoundedBases(ObjectDatabase bases, long objectBytes) {
    this.bases = bases;
    this.objectBytes = objectBytes;
  }

  @Override
  public ObjectInserter newInserter() {
    return bases.newInserter();
  }

  @Override
  public ObjectReader newReader() {
    return new Reader(bases.newReader(), objectBytes);
  }

  @Override
  public long getApproximateObjectCount() {
    return bases.getApproximateObjectCount();
  }

  /** The repository's, not the parser's to close. */
  @Override
  public void close() {}

  private static final class Reader extends ObjectReader.Filter {
    private final ObjectReader reader;
    private final long objectBytes;

    Reader(ObjectReader reader, long objectBytes) {
      this.reader = reader;
      this.objectBytes = objectBytes;
    }

    @Override
    protected ObjectReader delegate() {
      return reader;
    }

    @Override
    public ObjectReader newReader() {
      return new Reader(reader.newReader(), objectBytes);
    }

    @Override
    public ObjectLoader open(AnyObjectId id) throws IOException {
      return open(id, OBJ_ANY);
    }

    @Override
    public ObjectLoader open(AnyObjectId id, int type) throws IOException {
      ObjectLoader base = reader.open(id, type);
      if (base.getSize() > objectBytes) {
        throw new TooLargeObjectInPackException(base.getSize(), objectBytes);
      }
      return base;
    }
  }
}
