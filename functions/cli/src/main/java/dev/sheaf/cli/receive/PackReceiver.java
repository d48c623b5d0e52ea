package dev.sheaf.cli.receive;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.GitPlan;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.StoredFile;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Tasks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Takes packs from the store into a repository, each through {@code git index-pack}, which computes
 * the id of every object from its bytes while they come.
 */
final class PackReceiver {
  private static final int AT_ONCE = 4;
  private static final int ATTEMPTS = 3;

  private final LocalRepository repository;
  private final StoreClient store;
  private final Progress progress;
  private final boolean keeps;
  private final Queue<String> kept = new ConcurrentLinkedQueue<>();

  /**
   * @param keeps whether packs are to be kept from a repack that takes place before refs are there
   */
  PackReceiver(LocalRepository repository, StoreClient store, Progress progress, boolean keeps) {
    this.repository = repository;
    this.store = store;
    this.progress = progress;
    this.keeps = keeps;
  }

  /** The checksums by which git names the packs that are kept. */
  List<String> kept() {
    return List.copyOf(kept);
  }

  /**
   * Receives everything that a plan names.
   *
   * @throws SheafException of kind NOT_FOUND when something is no longer there, CORRUPT when git
   *     does not take a pack
   */
  void receive(GitPlan plan) throws IOException {
    progress.begin("receiving", plan.sizeBytes(), Progress.Unit.BYTES);
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> packs = new ArrayList<>();
      for (StoredFile pack : plan.packs()) {
        packs.add(
            threads.submit(() -> {
              receive(pack, false);
              return pack;
            }));
      }
      for (Future<?> pack : packs) {
        Tasks.join(pack);
      }
    }
    for (StoredFile bundle : plan.bundles()) {
      receive(bundle, true);
    }
    progress.end();
  }

  /** Receives one pack, which may lack the bases of its deltas when they are here. */
  void receiveThin(StoredFile pack) throws IOException {
    progress.begin("receiving", pack.sizeBytes(), Progress.Unit.BYTES);
    attempt(pack, true, false);
    progress.end();
  }

  private void receive(StoredFile file, boolean isBundle) throws IOException {
    attempt(file, isBundle, isBundle);
  }

  private void attempt(StoredFile file, boolean thin, boolean isBundle) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        index(file, thin, isBundle);
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new SheafException(
              ErrorKind.UNAVAILABLE,
              "downloading " + file.id().hex() + " failed: " + e.getMessage() + "; run this again",
              e);
        }
      }
    }
  }

  private void index(StoredFile file, boolean thin, boolean isBundle) throws IOException {
    List<String> words = new ArrayList<>(List.of("index-pack", "--stdin"));
    if (thin) {
      words.add("--fix-thin");
    }
    if (keeps) {
      words.add("--keep");
    }
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    GitProgram.Outcome outcome =
        repository
            .git()
            .run(
                to -> store.download(file, isBundle ? new BundleBody(to) : to, progress::step),
                from -> from.transferTo(said),
                words.toArray(String[]::new));
    if (!outcome.isDone()) {
      throw new SheafException(
          outcome.exit() == GitProgram.NOT_INSTALLED ? ErrorKind.NOT_FOUND : ErrorKind.CORRUPT,
          "git does not take pack " + file.id().hex() + ": " + outcome.reason());
    }
    String[] answer = said.toString(StandardCharsets.US_ASCII).strip().split("\t", 2);
    if (answer[0].equals("keep")) {
      kept.add(answer[1]);
    }
  }
}
