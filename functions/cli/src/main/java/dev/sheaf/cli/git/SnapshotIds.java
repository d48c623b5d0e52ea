package dev.sheaf.cli.git;

import dev.sheaf.bundle.ContentId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Computes the ids of snapshots straight from trees: the same as {@link
 * dev.sheaf.bundle.history.Ids#snapshot} of the manifest, without making one.
 *
 * <p>The id covers every path of the tree, so each commit costs one SHA-256 over its whole
 * manifest; the text of folders that did not change is kept from one commit to the next. Git's
 * order of a tree is the order that the id wants, because a path ends with U+0000 there. One
 * thread.
 */
public final class SnapshotIds {
  private final Trees trees;
  private final Blobs blobs;
  private final LruCache<Place, Folder> folders;
  private final MessageDigest digest;

  /** Says what a blob is in Sheaf. */
  @FunctionalInterface
  public interface Blobs {
    /** The id of a blob's content. */
    ContentId id(ObjectId blob) throws IOException;
  }

  /** A tree at a path; the text of its entries depends on both. */
  private record Place(ObjectId tree, String prefix) {}

  private sealed interface Part permits Text, Folder {}

  /** The text of the files between two folders. */
  private static final class Text implements Part {
    private final byte[] bytes;

    Text(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** The parts of a folder in order; folders inside are parts of their own. */
  private record Folder(List<Part> parts) implements Part {
    long weight() {
      long bytes = 200;
      for (Part part : parts) {
        bytes += part instanceof Text text ? 50 + text.bytes.length : 16;
      }
      return bytes;
    }
  }

  /**
   * @param trees where the trees are read
   * @param blobs where the ids of blobs come from
   * @param memory about how many bytes of text to keep
   */
  public SnapshotIds(Trees trees, Blobs blobs, long memory) {
    this.trees = trees;
    this.blobs = blobs;
    this.folders = new LruCache<>(memory, Folder::weight);
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The id of the snapshot that a root tree is. */
  public String of(ObjectId root) throws IOException {
    Separated text = new Separated();
    digest(folder(root, ""), text);
    return ContentId.ofBytes(digest.digest()).prefixed();
  }

  private void digest(Folder folder, Separated text) {
    for (Part part : folder.parts()) {
      switch (part) {
        case Text own -> text.add(own.bytes);
        case Folder inner -> digest(inner, text);
      }
    }
  }

  private Folder folder(ObjectId tree, String prefix) throws IOException {
    Place place = new Place(tree, prefix);
    Folder known = folders.get(place);
    if (known == null) {
      known = render(tree, prefix);
      folders.put(place, known);
    }
    return known;
  }

  private Folder render(ObjectId tree, String prefix) throws IOException {
    List<Part> parts = new ArrayList<>();
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (TreeEntry entry : trees.get(tree).entries()) {
      String path = prefix + entry.name();
      if (entry.isFolder()) {
        flush(text, parts);
        parts.add(folder(entry.id(), path + "/"));
      } else {
        append(path, entry, text);
      }
    }
    flush(text, parts);
    return new Folder(List.copyOf(parts));
  }

  private void append(String path, TreeEntry entry, ByteArrayOutputStream text) throws IOException {
    if (entry.isBlob()) {
      line(path + "\0" + blobs.id(entry.id()).prefixed(), text);
    }
  }

  private static void line(String line, ByteArrayOutputStream text) {
    if (text.size() > 0) {
      text.write(0);
    }
    text.writeBytes(line.getBytes(StandardCharsets.UTF_8));
  }

  private static void flush(ByteArrayOutputStream text, List<Part> parts) {
    if (text.size() > 0) {
      parts.add(new Text(text.toByteArray()));
      text.reset();
    }
  }

  /** Feeds texts to the digest with U+0000 between them. */
  private final class Separated {
    private boolean first = true;

    void add(byte[] text) {
      if (!first) {
        digest.update((byte) 0);
      }
      first = false;
      digest.update(text);
    }
  }
}
