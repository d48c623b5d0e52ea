package dev.sheaf.repair.peer;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A peer that is waited for twice. Where packets are swallowed each question costs a minute; after
 * two in a row that nothing came of it is not asked again in this invocation, and others have their
 * turn.
 */
final class PatientPeer implements BlobPeer {
  private static final int PATIENCE = 2;
  private static final String WHY = "it was waited for twice in vain, and is not asked again now";

  private final BlobPeer peer;
  private final AtomicInteger inVain = new AtomicInteger();

  PatientPeer(BlobPeer peer) {
    this.peer = peer;
  }

  @Override
  public String site() {
    return peer.site();
  }

  @Override
  public Answer fetch(ContentId id) {
    if (isGivenUp()) {
      return new Answer.Silent(WHY);
    }
    Answer answer = peer.fetch(id);
    heard(!(answer instanceof Answer.Silent));
    return answer;
  }

  @Override
  public Holding holds(ContentId id) {
    if (isGivenUp()) {
      return new Holding.Silent(WHY);
    }
    Holding holding = peer.holds(id);
    heard(!(holding instanceof Holding.Silent));
    return holding;
  }

  @Override
  public List<Wanted> packs(String repoId) throws IOException {
    if (isGivenUp()) {
      throw new IOException(WHY);
    }
    return peer.packs(repoId);
  }

  private boolean isGivenUp() {
    return inVain.get() >= PATIENCE;
  }

  private void heard(boolean hasAnswered) {
    if (hasAnswered) {
      inVain.set(0);
    } else {
      inVain.incrementAndGet();
    }
  }
}
