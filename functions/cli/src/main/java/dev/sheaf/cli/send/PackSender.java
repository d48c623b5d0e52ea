package dev.sheaf.cli.send;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.RefUpdate;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.UploadTarget;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Uploads what the server lacks, in one bundle. */
public final class PackSender {
  private final RepositoryClient client;

  private final StoreClient store;
  private final Progress progress;
  private final Stopwatch stopwatch;

  public PackSender(
      RepositoryClient client, StoreClient store, Progress progress, Stopwatch stopwatch) {
    this.client = client;
    this.store = store;
    this.progress = progress;
    this.stopwatch = stopwatch;
  }

  /**
   * Uploads what the targets of updates reach and the server does not have.
   *
   * @param more an object that no update names; null: none
   * @param there what the server's refs name
   * @return null when there is nothing to upload
   */
  public @Nullable SentPack send(
      LocalRepository repository,
      Collection<RefUpdate> updates,
      @Nullable GitId more,
      Collection<GitId> there)
      throws IOException {
    Map<RefName, GitId> refs = new TreeMap<>();
    for (RefUpdate update : updates) {
      if (update.target() != null) {
        refs.put(update.name(), update.target());
      }
    }
    Set<GitId> wanted = new HashSet<>(refs.values());
    if (more != null) {
      wanted.add(more);
    }
    Set<GitId> known = new HashSet<>(there);
    wanted.removeAll(known);
    if (wanted.isEmpty()) {
      return null;
    }
    Path scratch = scratch();
    Thread onExit = new Thread(() -> deleteQuietly(scratch), "delete " + scratch);
    Runtime.getRuntime().addShutdownHook(onExit);
    try {
      return send(repository, refs, wanted, known, scratch.resolve("bundle"));
    } finally {
      Folders.delete(scratch);
      forget(onExit);
    }
  }

  private static Path scratch() {
    try {
      return Files.createTempDirectory("sheaf-push-");
    } catch (IOException e) {
      throw noRoom(Path.of(System.getProperty("java.io.tmpdir", "")), e);
    }
  }

  /** What goes wrong with a file of ours; git's own troubles come as what git says. */
  private static SheafException noRoom(Path place, IOException e) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "what is to be sent could not be written into "
            + place
            + ": "
            + e.getMessage()
            + "; it takes a file as large as all that the server lacks: make room there, or set"
            + " TMPDIR to a folder that has some",
        e);
  }

  private SentPack pack(
      LocalRepository repository,
      Map<RefName, GitId> refs,
      Set<GitId> wanted,
      Set<GitId> known,
      Path file)
      throws IOException {
    Set<GitId> present = repository.present(known);
    try {
      return new BundleFile(repository).write(refs, wanted, present, file);
    } catch (IOException e) {
      throw noRoom(Objects.requireNonNullElse(file.getParent(), file), e);
    }
  }

  private @Nullable SentPack send(
      LocalRepository repository,
      Map<RefName, GitId> refs,
      Set<GitId> wanted,
      Set<GitId> known,
      Path file)
      throws IOException {
    progress.begin("packing", 0, Progress.Unit.ITEMS);
    SentPack pack = stopwatch.time("pack", () -> pack(repository, refs, wanted, known, file));
    progress.end();
    if (pack.objects() == 0) {
      return null;
    }
    Optional<UploadTarget> target =
        stopwatch.time(
            "presign", () -> Optional.ofNullable(client.presign(pack.id(), pack.sizeBytes())));
    if (target.isPresent()) {
      progress.begin("sending", pack.sizeBytes(), Progress.Unit.BYTES);
      stopwatch.time(
          "upload",
          () -> {
            store.upload(file, target.get());
            return file;
          });
      progress.end();
    }
    return new SentPack(pack.id(), pack.sizeBytes(), pack.objects(), target.isPresent());
  }

  private static void deleteQuietly(Path scratch) {
    try {
      Folders.delete(scratch);
    } catch (IOException e) {
      // It lies in the system's own folder for such things.
    }
  }

  private static void forget(Thread onExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The process ends: the hook has run.
    }
  }
}
