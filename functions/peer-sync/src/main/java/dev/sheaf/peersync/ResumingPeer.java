package dev.sheaf.peersync;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.PackSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The packs of a peer; a large one goes on where it was cut. For one thread. */
final class ResumingPeer implements PackSource {
  private final HttpPeer peer;
  private final PartialCopies partial;
  private final Map<ContentId, ResumedCopy> opened = new HashMap<>();

  ResumingPeer(HttpPeer peer, PartialCopies partial) {
    this.peer = peer;
    this.partial = partial;
  }

  @Override
  public String host() {
    return peer.host();
  }

  @Override
  public Optional<InputStream> blob(ContentId pack) throws IOException {
    return peer.blob(pack);
  }

  @Override
  public Optional<InputStream> open(Wanted pack) throws IOException {
    opened.remove(pack.pack());
    if (!partial.takes(pack.sizeBytes())) {
      return peer.blob(pack.pack());
    }
    Optional<ResumedCopy> copy = partial.open(peer, pack.pack(), pack.sizeBytes());
    copy.ifPresent(stream -> opened.put(pack.pack(), stream));
    return copy.map(stream -> stream);
  }

  @Override
  public boolean hasGrown(Wanted pack) {
    ResumedCopy copy = opened.get(pack.pack());
    return copy != null && copy.hasGrown();
  }

  @Override
  public void forget(Wanted pack) {
    if (opened.remove(pack.pack()) != null) {
      partial.forget(peer, pack.pack());
    }
  }

  @Override
  public List<Wanted> packs(String repoId) throws IOException {
    return peer.packs(repoId);
  }
}
