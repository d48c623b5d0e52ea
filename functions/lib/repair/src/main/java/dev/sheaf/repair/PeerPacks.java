package dev.sheaf.repair;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.repair.peer.BlobPeer;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.PackSource;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * The packs of a peer, each of which lies in a file while it is read.
 *
 * @param failures takes why it did not say what it has
 */
record PeerPacks(BlobPeer peer, List<String> failures) implements PackSource {
  @Override
  public String host() {
    return peer.site();
  }

  @Override
  public Optional<InputStream> blob(ContentId pack) throws IOException {
    return switch (peer.fetch(pack)) {
      case BlobPeer.Answer.Bytes(FileContent content) -> Optional.of(new ReadOnce(content));
      case BlobPeer.Answer.HasNot() -> Optional.empty();
      case BlobPeer.Answer.Busy() -> throw failed("it is busy");
      case BlobPeer.Answer.Full() -> throw failed("it has no room to answer");
      case BlobPeer.Answer.NoAnswer(String why) -> throw failed(why);
      case BlobPeer.Answer.Silent(String why) -> throw failed(why);
      case BlobPeer.Answer.OutOfTime() -> throw failed("the time was up");
    };
  }

  private IOException failed(String why) {
    failures.add(peer.site() + ": " + why);
    return new IOException(why);
  }

  @Override
  public List<Wanted> packs(String repoId) throws IOException {
    return peer.packs(repoId);
  }

  /** The file goes with the stream. */
  private static final class ReadOnce extends FilterInputStream {
    private final FileContent content;

    ReadOnce(FileContent content) throws IOException {
      super(content.open());
      this.content = content;
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        Peers.delete(content);
      }
    }
  }
}
