package dev.sheaf.repair;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A site in memory, which may be silent, or lie. */
final class MemoryPeer implements BlobPeer {
  final Map<ContentId, byte[]> blobs = new TreeMap<>();

  /** Those of them that its git repository consists of, whichever that is. */
  final List<ContentId> packs = new ArrayList<>();

  boolean silent;
  boolean lies;

  /** Whether its packets come nowhere. */
  boolean swallows;

  /** To how many more questions it answers that it is busy. */
  int busy;

  /** What takes longer than there is time. */
  final Set<ContentId> endless = ConcurrentHashMap.newKeySet();

  /** What ends whoever asks for it. */
  final Set<ContentId> deadly = ConcurrentHashMap.newKeySet();

  boolean full;
  boolean keeps = true;
  String kind = "bundle";

  private final String site;
  private final Path folder;
  final List<String> asked;

  /**
   * @param asked takes the name of the site each time that it is asked for anything
   */
  MemoryPeer(String site, Path folder, List<String> asked) {
    this.site = site;
    this.folder = folder;
    this.asked = Collections.synchronizedList(asked);
  }

  MemoryPeer with(String... contents) {
    for (String content : contents) {
      with(content.getBytes(UTF_8));
    }
    return this;
  }

  MemoryPeer with(byte[] bytes) {
    blobs.put(Ids.object(bytes), bytes);
    return this;
  }

  @Override
  public String site() {
    return site;
  }

  @Override
  public synchronized Holding holds(ContentId id) {
    asked.add(site);
    byte[] bytes = blobs.get(id);
    if (swallows) {
      return new Holding.Silent("nothing came for 60 seconds");
    }
    if (silent) {
      return new Holding.NoAnswer("503");
    }
    return bytes == null ? new Holding.HasNot() : new Holding.Has(kind, bytes.length, keeps);
  }

  @Override
  public synchronized List<Wanted> packs(String repoId) throws IOException {
    asked.add(site);
    if (silent || swallows) {
      throw new IOException("503");
    }
    return packs.stream().map(pack -> new Wanted(pack, size(pack))).toList();
  }

  private long size(ContentId pack) {
    byte[] bytes = blobs.get(pack);
    return bytes == null ? 1 : bytes.length;
  }

  @Override
  public synchronized Answer fetch(ContentId id) {
    asked.add(site);
    byte[] bytes = blobs.get(id);
    if (swallows) {
      return new Answer.Silent("nothing came for 60 seconds");
    }
    if (silent) {
      return new Answer.NoAnswer("503");
    }
    if (deadly.contains(id)) {
      throw new OutOfMemoryError(id.hex());
    }
    if (endless.contains(id)) {
      return new Answer.OutOfTime();
    }
    if (full) {
      return new Answer.Full();
    }
    if (busy > 0) {
      busy--;
      return new Answer.Busy();
    }
    if (bytes == null) {
      return new Answer.HasNot();
    }
    try {
      Path file = Files.createTempFile(folder, "pulled", null);
      Files.write(file, lies ? "a lie".getBytes(UTF_8) : bytes);
      return new Answer.Bytes(new FileContent(file, Files.size(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
