package dev.sheaf.git;

import static org.eclipse.jgit.lib.Constants.OBJECT_ID_STRING_LENGTH;

import java.util.Iterator;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdOwnerMap;
import org.eclipse.jgit.util.MutableInteger;
import org.eclipse.jgit.util.RawParseUtils;

/**
 * The objects that a pack's commits, trees and tags name, each once, with the type that it must
 * have. Submodules are other repositories' commits and not among them.
 */
public final class References implements Iterable<References.Named> {
  private static final byte[] TREE = Constants.encodeASCII("tree ");
  private static final byte[] PARENT = Constants.encodeASCII("parent ");
  private static final byte[] OBJECT = Constants.encodeASCII("object ");
  private static final byte[] TYPE = Constants.encodeASCII("type ");
  private static final byte[] TAG = Constants.encodeASCII("tag ");

  private final ObjectIdOwnerMap<Named> named = new ObjectIdOwnerMap<>();

  /** An object that is named: first by whom, and as what ({@code Constants.OBJ_*}). */
  public static final class Named extends ObjectIdOwnerMap.Entry {
    private final ObjectId by;
    private final byte type;

    Named(AnyObjectId id, ObjectId by, int type) {
      super(id);
      this.by = by;
      this.type = (byte) type;
    }

    /** What it must be, as {@code Constants.OBJ_*}. */
    public int type() {
      return type;
    }

    /** Who named it first. */
    public ObjectId by() {
      return by;
    }
  }

  @Override
  public Iterator<Named> iterator() {
    return named.iterator();
  }

  /**
   * Notes what an object names. What passes can be read by JGit's walks, which throw whatever comes
   * of it where a commit or a tag ends before they think that it does.
   *
   * @throws CorruptObjectException for one that cannot be read
   */
  public void addFrom(ObjectId id, int type, byte[] data) throws CorruptObjectException {
    try {
      switch (type) {
        case Constants.OBJ_COMMIT -> addFromCommit(id, data);
        case Constants.OBJ_TREE -> addFromTree(id, data);
        case Constants.OBJ_TAG -> addFromTag(id, data);
        default -> {}
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      CorruptObjectException corrupt =
          new CorruptObjectException(id, "it is cut short or holds no ids");
      corrupt.initCause(e);
      throw corrupt;
    }
  }

  private void addFromCommit(ObjectId id, byte[] data) throws CorruptObjectException {
    int at = add(id, data, 0, TREE, Constants.OBJ_TREE);
    while (RawParseUtils.match(data, at, PARENT) > 0) {
      at = add(id, data, at, PARENT, Constants.OBJ_COMMIT);
    }
    if (at >= data.length) {
      throw new CorruptObjectException(id, "it ends where its author should be");
    }
    if (data[at] == 'p') {
      throw new CorruptObjectException(
          id, "behind its parents is a header that begins with 'p', which this site cannot read");
    }
  }

  private void addFromTag(ObjectId id, byte[] data) throws CorruptObjectException {
    MutableInteger at = new MutableInteger();
    at.value = RawParseUtils.match(data, OBJECT.length + OBJECT_ID_STRING_LENGTH + 1, TYPE);
    int type = Constants.decodeTypeString(id, data, (byte) '\n', at);
    add(id, data, 0, OBJECT, type);
    if (RawParseUtils.match(data, at.value, TAG) < 0) {
      throw new CorruptObjectException(id, "it has no line with its name");
    }
  }

  /** Notes the id in the line that must be here; the begin of the next line. */
  private int add(ObjectId by, byte[] data, int line, byte[] word, int type)
      throws CorruptObjectException {
    int at = RawParseUtils.match(data, line, word);
    if (at < 0) {
      throw new CorruptObjectException(by, "a line is missing in it");
    }
    add(ObjectId.fromString(data, at), by, type);
    return at + OBJECT_ID_STRING_LENGTH + 1;
  }

  private void addFromTree(ObjectId id, byte[] data) {
    TreeEntries entries = new TreeEntries(data);
    while (entries.next()) {
      int type = EntryType.of(entries.mode());
      if (type != Constants.OBJ_COMMIT) {
        add(ObjectId.fromRaw(data, entries.id()), id, type);
      }
    }
  }

  private void add(ObjectId id, ObjectId by, int type) {
    if (named.get(id) == null) {
      named.add(new Named(id, by, type));
    }
  }
}
