package dev.sheaf.peersync;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.repository.WantedBundles;
import dev.sheaf.repository.WantedBundles.Wanted;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies bundles that peers told of into this site's bucket, from whichever peer has them. The
 * upload carries the bundle's name as its checksum, so that the store itself refuses other bytes;
 * and it is announced to bundle-index as every other.
 *
 * <p>One whose bytes are here at a second look, and which bundle-index has still not begun, came
 * without notice: its upload was refused as this is not its home, or whoever was to be told died.
 * It is put once more, and so announced once more.
 */
public final class BundleCopies {
  private static final Logger log = LoggerFactory.getLogger(BundleCopies.class);

  private static final int AT_ONCE = 4;

  /** So that noting what became of them is one statement. */
  private static final int MOST_A_TICK = 500;

  /** As long as a runner may live: one that died keeps its bundles from others for no longer. */
  private static final Duration CLAIM = Duration.ofMinutes(5);

  private static final String TYPE = "application/octet-stream";

  private final Supplier<WantedBundles> wanted;
  private final Supplier<ObjectStore> store;
  private final Predicate<ContentId> isPlacedHere;
  private final Spool spool;
  private final PartialCopies partial;
  private final InstantSource clock;

  /**
   * Where bytes wait between a peer and the bucket.
   *
   * @param bytes what fits there; a bundle that is larger is left to repair
   * @param partBytes a bundle that is larger goes on where its copy was cut; each copy of one takes
   *     so much room besides
   */
  public record Spool(Path folder, int bytes, int partBytes) {}

  /**
   * @param wanted asked for when there are peers
   * @param isPlacedHere which bundles' bytes belong into this site's bucket
   */
  public BundleCopies(
      Supplier<WantedBundles> wanted,
      Supplier<ObjectStore> store,
      Predicate<ContentId> isPlacedHere,
      Spool spool,
      InstantSource clock) {
    this.wanted = wanted;
    this.store = store;
    this.isPlacedHere = isPlacedHere;
    this.spool = spool;
    this.partial = new PartialCopies(store, spool.folder(), spool.partBytes());
    this.clock = clock;
  }

  /**
   * What became of bundles.
   *
   * @param copied those that are in the bucket now
   * @param missing those that no peer gave, which are tried again later, ever more seldom; and
   *     those that broke off, of which the next tick fetches the rest
   */
  record Copied(int copied, int missing) {}

  /** Copies what is due and nobody else has taken, side by side, as far as time allows. */
  Copied copy(List<HttpPeer> peers, Span span) {
    if (peers.isEmpty() || !span.hasRoom()) {
      return new Copied(0, 0);
    }
    Instant now = clock.instant();
    List<Wanted> due =
        wanted.get().due(now, MOST_A_TICK).stream()
            .filter(bundle -> isPlacedHere.test(bundle.bundle()))
            .toList();
    List<Wanted> claimed = wanted.get().claim(due, now, now.plus(CLAIM));
    List<Looked> all = span.within(() -> look(claimed, peers, span));
    List<Wanted> postponed =
        bundles(all, looked -> looked == Found.HERE || looked == Found.MISSING);
    wanted.get().postpone(postponed, clock.instant());
    Set<Wanted> left = new HashSet<>(claimed);
    postponed.forEach(left::remove);
    wanted.get().release(List.copyOf(left), clock.instant());
    int missing = bundles(all, looked -> looked == Found.MISSING || looked == Found.CUT).size();
    return new Copied(all.size() - missing, missing);
  }

  private List<Looked> look(List<Wanted> bundles, List<HttpPeer> peers, Span span) {
    Semaphore room = new Semaphore(spool.bytes());
    try (ParallelCalls<Optional<Looked>> calls = new ParallelCalls<>(AT_ONCE)) {
      bundles.forEach(bundle -> calls.submit(() -> look(bundle, peers, room, span)));
      return calls.results().stream().flatMap(Optional::stream).toList();
    }
  }

  private static List<Wanted> bundles(List<Looked> all, Predicate<Found> which) {
    return all.stream().filter(one -> which.test(one.found())).map(Looked::bundle).toList();
  }

  private enum Found {
    /** It was here before. */
    HERE,
    COPIED,
    /** It broke off, and what has come is kept. */
    CUT,
    MISSING
  }

  private record Looked(Wanted bundle, Found found) {}

  /** What became of a bundle; empty when no time was left for it. */
  private Optional<Looked> look(Wanted bundle, List<HttpPeer> peers, Semaphore room, Span span)
      throws InterruptedException {
    if (bundle.sizeBytes() > spool.bytes()) {
      log.warn("bundle {} is too large to be copied by peer-sync; repair does", bundle.key());
      return Optional.of(new Looked(bundle, Found.MISSING));
    }
    int size = (int) bundle.sizeBytes();
    room.acquire(size);
    try {
      return span.hasRoom()
          ? Optional.of(new Looked(bundle, bring(bundle, peers)))
          : Optional.empty();
    } catch (SheafException e) {
      if (!span.isOver()) {
        throw e;
      }
      log.warn("bundle {} took longer than there was time: {}", bundle.key(), e.getMessage());
      return Optional.of(new Looked(bundle, Found.MISSING));
    } finally {
      room.release(size);
    }
  }

  private Found bring(Wanted bundle, List<HttpPeer> peers) {
    if (store.get().head(bundle.key()).isPresent()) {
      // At the first look its event may still be under way.
      if (bundle.attempts() == 0 || isPutAgain(bundle)) {
        return Found.HERE;
      }
    }
    return copyFromAny(bundle, peers);
  }

  /** Whether what lies here is what was told of; other bytes are replaced by a peer's. */
  private boolean isPutAgain(Wanted bundle) {
    try (ObjectStore.Download here =
        store.get().get(bundle.key(), ObjectStore.Read.WHOLE).orElse(null)) {
      if (here == null) {
        return false;
      }
      put(bundle, here.body());
      log.info("bundle {} was here, and nobody had taken it in: it is put again", bundle.key());
      return true;
    } catch (IOException | SheafException e) {
      log.warn("bundle {} lies here, and could not be put again: {}", bundle.key(), e.toString());
      return false;
    }
  }

  private Found copyFromAny(Wanted bundle, List<HttpPeer> peers) {
    Found found = Found.MISSING;
    for (HttpPeer peer : peers) {
      Copying copying = new Copying(bundle, peer);
      try {
        if (copying.run()) {
          return Found.COPIED;
        }
      } catch (IOException | SheafException e) {
        log.warn("{} did not give bundle {}: {}", peer.host(), bundle.key(), e.toString());
      }
      found = copying.hasGrown ? Found.CUT : found;
    }
    return found;
  }

  /** One bundle from one peer. */
  private final class Copying {
    private final Wanted bundle;
    private final HttpPeer peer;

    /** Whether more of it is kept than before. */
    private boolean hasGrown;

    Copying(Wanted bundle, HttpPeer peer) {
      this.bundle = bundle;
      this.peer = peer;
    }

    /** Returns whether the peer has it, which then is here. */
    boolean run() throws IOException {
      if (partial.takes(bundle.sizeBytes())) {
        return copyByParts();
      }
      Optional<InputStream> blob = peer.blob(bundle.bundle());
      if (blob.isEmpty()) {
        return false;
      }
      try (InputStream in = blob.get()) {
        put(bundle, in);
      }
      return true;
    }

    private boolean copyByParts() throws IOException {
      Optional<ResumedCopy> copy = partial.open(peer, bundle.bundle(), bundle.sizeBytes());
      if (copy.isEmpty()) {
        return false;
      }
      try (ResumedCopy in = copy.get()) {
        try {
          put(bundle, in);
        } finally {
          hasGrown = in.hasGrown();
        }
      } catch (SheafException e) {
        if (e.kind() == ErrorKind.INVALID) {
          partial.forget(peer, bundle.bundle());
          hasGrown = false;
        }
        throw e;
      }
      partial.forget(peer, bundle.bundle());
      return true;
    }
  }

  private void put(Wanted bundle, InputStream from) throws IOException {
    Path file = Files.createTempFile(spool.folder(), "bundle", ".part");
    try {
      receive(from, file, bundle.sizeBytes());
      Content content = new FileContent(file, bundle.sizeBytes());
      store.get().put(bundle.key(), content, bundle.bundle(), ObjectStore.Condition.ALWAYS, TYPE);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void receive(InputStream in, Path file, long size) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      long left = size;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        left -= n;
        if (left < 0) {
          throw new SheafException(
              ErrorKind.INVALID, "it goes on behind the " + size + " bytes that it has");
        }
        out.write(buffer, 0, n);
      }
      if (left > 0) {
        throw new SheafException(
            ErrorKind.INVALID, "it ends " + left + " bytes before its " + size);
      }
    }
  }
}
