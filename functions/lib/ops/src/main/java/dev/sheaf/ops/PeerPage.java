package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a peer answered to a sweep, read to its end; nothing of it is believed yet. */
final class PeerPage {
  private static final int OK = 200;

  private final SweepPeer.Header header;
  private final List<Op> ops;
  private final @Nullable Exception failure;

  private PeerPage(SweepPeer.Header header, List<Op> ops, @Nullable Exception failure) {
    this.header = header;
    this.ops = ops;
    this.failure = failure;
  }

  /**
   * Asks for a page.
   *
   * @throws IOException when no answer came
   * @throws SheafException of kind UNAVAILABLE when the answer is an error
   */
  static PeerPage ask(SweepPeer peer, Optional<Ulid> after) throws IOException {
    String from = after.map(Ulid::text).orElse("");
    try (SweepPeer.Answer answer = peer.sweep(from)) {
      if (answer.status() != OK) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "%s answered a sweep with HTTP %d; the cursor stays at %s"
                .formatted(peer.host(), answer.status(), from.isEmpty() ? "the start" : from));
      }
      return read(peer, answer);
    }
  }

  /** What is wrong with the body is told when it is asked for: the headers hold all the same. */
  private static PeerPage read(SweepPeer peer, SweepPeer.Answer answer) {
    try {
      return new PeerPage(answer.header(), SweepClient.read(peer, answer.body()), null);
    } catch (IOException | SheafException e) {
      return new PeerPage(answer.header(), List.of(), e);
    }
  }

  /** A header, empty where there is none. */
  Optional<String> header(String name) {
    return header.value(name);
  }

  /**
   * Its ops.
   *
   * @throws IOException when the page broke off
   * @throws SheafException of kind INVALID when it is no page
   */
  List<Op> ops() throws IOException {
    rethrow(failure);
    return ops;
  }

  private static void rethrow(@Nullable Exception failure) throws IOException {
    switch (failure) {
      case null -> {}
      case IOException broken -> throw broken;
      case RuntimeException told -> throw told;
      default -> throw new IllegalStateException(failure);
    }
  }

  /** Asks for the next page while the one before is applied. */
  static final class Ahead implements AutoCloseable {
    private final SweepPeer peer;
    private final ParallelCalls<Asked> calls = new ParallelCalls<>(1);
    private boolean isAsked;

    /** Either of them. */
    private record Asked(@Nullable PeerPage page, @Nullable Exception failure) {}

    Ahead(SweepPeer peer) {
      this.peer = peer;
    }

    /** Begins to ask for the page that will be taken next. */
    void begin(Optional<Ulid> after) {
      calls.submit(() -> asked(after));
      isAsked = true;
    }

    private Asked asked(Optional<Ulid> after) {
      try {
        return new Asked(ask(peer, after), null);
      } catch (IOException | SheafException e) {
        return new Asked(null, e);
      }
    }

    /**
     * The page that was begun, or else one that is asked for now.
     *
     * @throws IOException as {@link PeerPage#ask}
     */
    PeerPage take(Optional<Ulid> after) throws IOException {
      if (!isAsked) {
        return ask(peer, after);
      }
      isAsked = false;
      Asked asked = calls.results().getFirst();
      rethrow(asked.failure());
      return Objects.requireNonNull(asked.page());
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
      calls.close();
    }
  }
}
