package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.security.MessageDigest;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Hashes an object as it is read: JGit believes that a repository holds under an id what belongs
 * there, and what is damaged here would be damaged for everybody once it was pushed.
 */
public final class ObjectProof {
  private final AnyObjectId id;
  private final MessageDigest sha1 = Constants.newMessageDigest();

  /**
   * @param type as in {@link Constants}
   * @param size length of its content in bytes
   */
  public ObjectProof(AnyObjectId id, int type, long size) {
    this.id = id;
    sha1.update(Constants.encodedTypeString(type));
    sha1.update((byte) ' ');
    sha1.update(Constants.encodeASCII(size));
    sha1.update((byte) 0);
  }

  /** The content of an object, which is given back when it is right. */
  public static byte[] of(AnyObjectId id, int type, byte[] content) {
    ObjectProof proof = new ObjectProof(id, type, content.length);
    proof.take(content, content.length);
    proof.require();
    return content;
  }

  /** Takes the next part of the content. */
  public void take(byte[] bytes, int count) {
    sha1.update(bytes, 0, count);
  }

  /**
   * Call once, behind the last part.
   *
   * @throws SheafException of kind INVALID when the content is another object's
   */
  public void require() {
    ObjectId found = ObjectId.fromRaw(sha1.digest());
    if (!found.equals(id)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the git repository is damaged: under "
              + id.name()
              + " it holds "
              + found.name()
              + "; 'git fsck' shows the extent");
    }
  }
}
