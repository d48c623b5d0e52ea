package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes packs of one repository from other sites, as far as time allows. */
public final class PackCopies {
  private static final Logger log = LoggerFactory.getLogger(PackCopies.class);

  private final GitArrivals arrivals;
  private final Repo repo;
  private final long mostBytes;
  private final BooleanSupplier isOver;
  private final Set<ContentId> futile = new HashSet<>();
  private final Set<ContentId> tried = new HashSet<>();
  private int copied;
  private boolean wasCut;

  /**
   * @param mostBytes a larger pack is left where it is
   * @param isOver asked before each pack
   */
  public PackCopies(GitArrivals arrivals, Repo repo, long mostBytes, BooleanSupplier isOver) {
    this.arrivals = arrivals;
    this.repo = repo;
    this.mostBytes = mostBytes;
    this.isOver = isOver;
  }

  /** How many have become a part of the repository. */
  public int copied() {
    return copied;
  }

  /** Those that every site said it has not got, or that build on what is not here. */
  public Set<ContentId> futile() {
    return Set.copyOf(futile);
  }

  /** Those for which there was time, but for such as go on from where they broke off. */
  public Set<ContentId> tried() {
    return Set.copyOf(tried);
  }

  /** Whether one broke off of which more has come than before. */
  public boolean wasCut() {
    return wasCut;
  }

  /** What became of one pack. */
  private enum Fate {
    HERE,
    /** What it builds on is not here. */
    TOO_EARLY,
    /** Every peer says that it has none of this name. */
    NOWHERE,
    FAILED,
    /** It broke off, and what has come is kept: the next time it goes on from there. */
    CUT,
    /** No time was left to ask for it. */
    NOT_TRIED
  }

  /**
   * Takes packs, those again that came too early, as long as that leads on.
   *
   * @return those that are not here
   */
  public List<Wanted> take(List<Wanted> packs, List<? extends PackSource> from) {
    List<Wanted> left = packs;
    int before = -1;
    while (copied != before && !left.isEmpty()) {
      before = copied;
      List<Wanted> next = new ArrayList<>();
      for (Wanted pack : left) {
        Fate fate = isOver.getAsBoolean() ? Fate.NOT_TRIED : takeFromAny(pack, from);
        wasCut |= fate == Fate.CUT;
        if (fate != Fate.NOT_TRIED && fate != Fate.CUT) {
          tried.add(pack.pack());
        }
        if (fate == Fate.HERE) {
          copied++;
          futile.remove(pack.pack());
        } else {
          next.add(pack);
        }
        if (fate == Fate.TOO_EARLY || fate == Fate.NOWHERE) {
          futile.add(pack.pack());
        }
      }
      left = next;
    }
    return left;
  }

  private Fate takeFromAny(Wanted pack, List<? extends PackSource> from) {
    if (pack.sizeBytes() > mostBytes) {
      log.warn(
          "pack {} of {} bytes is too large to be copied by this function",
          pack.pack().hex(),
          pack.sizeBytes());
      return Fate.FAILED;
    }
    Fate fate = Fate.NOWHERE;
    for (PackSource peer : from) {
      try {
        Optional<InputStream> blob = peer.open(pack);
        if (blob.isPresent()) {
          return take(pack, blob.get(), peer);
        }
      } catch (IOException | SheafException e) {
        fate = fate == Fate.CUT || peer.hasGrown(pack) ? Fate.CUT : Fate.FAILED;
        log.warn("{} did not give pack {}: {}", peer.host(), pack.pack().hex(), e.toString());
      }
    }
    return fate;
  }

  private Fate take(Wanted pack, InputStream blob, PackSource peer) throws IOException {
    try (InputStream in = new Bounded(blob, pack.sizeBytes())) {
      if (!arrivals.take(repo, pack.pack(), in)) {
        return Fate.TOO_EARLY;
      }
    } catch (SheafException e) {
      if (e.kind() == ErrorKind.INVALID) {
        peer.forget(pack);
      }
      throw e;
    }
    peer.forget(pack);
    return Fate.HERE;
  }

  /** A stream that must not go on for longer than was said. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long bytes) {
      super(in);
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int count = super.read(target, from, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw new SheafException(ErrorKind.INVALID, "it goes on behind the bytes that it has");
      }
      return count;
    }
  }
}
