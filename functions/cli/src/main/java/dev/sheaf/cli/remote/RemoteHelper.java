package dev.sheaf.cli.remote;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.receive.ObjectFetcher;
import dev.sheaf.cli.send.PackSender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The conversation with git (gitremote-helpers(7)): git writes a command a line, batches of {@code
 * fetch} and {@code push} end with an empty one.
 */
public final class RemoteHelper {
  private final RepositoryClient client;
  private final StoreClient store;
  private final @Nullable LocalRepository repository;
  private final Function<Boolean, Progress> progress;
  private final Stopwatch stopwatch;
  private final InputStream in;
  private final OutputStream out;
  private final HelperOptions options = new HelperOptions();
  private SiteRefs listed = SiteRefs.NONE;

  /**
   * @param repository null outside of any, where git only lists
   * @param progress what shows progress, if that is wanted
   */
  public RemoteHelper(
      RepositoryClient client,
      StoreClient store,
      @Nullable LocalRepository repository,
      Function<Boolean, Progress> progress,
      Stopwatch stopwatch,
      InputStream in,
      OutputStream out) {
    this.client = client;
    this.store = store;
    this.repository = repository;
    this.progress = progress;
    this.stopwatch = stopwatch;
    this.in = in;
    this.out = out;
  }

  /** Answers until git has no more to ask. */
  public void run() throws IOException {
    for (String line = read(); line != null && !line.isEmpty(); line = read()) {
      int space = line.indexOf(' ');
      String word = space < 0 ? line : line.substring(0, space);
      String rest = space < 0 ? "" : line.substring(space + 1);
      switch (word) {
        case "capabilities" -> say(List.of("option", "fetch", "push", "check-connectivity", ""));
        case "option" -> say(List.of(option(rest)));
        case "list" -> list(rest.equals("for-push"));
        case "fetch" -> fetch(batch(rest, "fetch "));
        case "push" -> push(batch(rest, "push "));
        default ->
            throw new SheafException(
                ErrorKind.INVALID, "git asks for '" + word + "', which is not offered");
      }
    }
    if (options.verbosity() > 1) {
      progress.apply(true).say(taken());
    }
  }

  /** What {@code --verbose} wants to know. */
  private String taken() {
    Traffic.Count total = client.traffic().total();
    return total.requests()
        + " requests, "
        + total.sentBytes()
        + " bytes sent, "
        + total.receivedBytes()
        + " received: "
        + stopwatch.millis().entrySet().stream()
            .map(phase -> phase.getKey() + " " + phase.getValue() + " ms")
            .collect(Collectors.joining(", "));
  }

  private String option(String rest) {
    String[] words = rest.split(" ", 2);
    return options.take(words[0], words.length == 2 ? words[1] : "");
  }

  private void list(boolean forPush) throws IOException {
    listed = (forPush ? client.refsIfPresent() : client.refs()).requireGit(client.url());
    List<String> lines = new ArrayList<>();
    listed.refs().forEach((name, id) -> lines.add(id + " " + RefBytes.of(name)));
    if (!forPush) {
      // A push of a mirror would delete it.
      addHead(lines);
    }
    lines.add("");
    say(lines);
  }

  private void addHead(List<String> lines) {
    switch (listed.head()) {
      case null -> {}
      case Head.Detached detached -> lines.add(detached.id() + " HEAD");
      case Head.Branch branch -> {
        if (listed.refs().containsKey(branch.name())) {
          lines.add("@" + RefBytes.of(branch.name()) + " HEAD");
        }
      }
    }
  }

  /** The lines of a batch without the word that they begin with. */
  private List<String> batch(String first, String word) throws IOException {
    List<String> batch = new ArrayList<>(List.of(first));
    for (String line = read(); line != null && !line.isEmpty(); line = read()) {
      batch.add(line.substring(word.length()));
    }
    return batch;
  }

  private void fetch(List<String> lines) throws IOException {
    Set<GitId> wanted = new HashSet<>();
    lines.forEach(line -> wanted.add(new GitId(line.substring(0, 40))));
    Progress shown = progress();
    ObjectFetcher fetcher = new ObjectFetcher(client, store, shown, stopwatch);
    List<String> answer = new ArrayList<>();
    if (options.cloning() && !needsCare(repository().gitFolder())) {
      // Where git is told of the one pack that there is, it does not look through it once more.
      for (Path kept : fetcher.fillForGit(repository(), wanted)) {
        answer.add("lock " + new String(kept.toString().getBytes(UTF_8), ISO_8859_1));
      }
    } else {
      fetcher.fetch(repository(), wanted);
    }
    shown.end();
    if (options.checkConnectivity()) {
      answer.add("connectivity-ok");
    }
    answer.add("");
    say(answer);
  }

  /** A clone with {@code --reference} has objects; a path of two lines cannot be told to git. */
  private static boolean needsCare(Path gitFolder) {
    return Files.exists(gitFolder.resolve("objects/info/alternates"))
        || gitFolder.toString().contains("\n");
  }

  private void push(List<String> specs) throws IOException {
    Progress shown = progress();
    PackSender sender = new PackSender(client, store, shown, stopwatch);
    List<String> status =
        new ArrayList<>(new PushBatch(repository(), client, options).push(specs, listed, sender));
    shown.end();
    status.add("");
    say(status);
  }

  private Progress progress() {
    return progress.apply(options.progress() && options.verbosity() > 0);
  }

  private LocalRepository repository() {
    if (repository == null) {
      throw new SheafException(ErrorKind.INVALID, "git names no repository in GIT_DIR");
    }
    return repository;
  }

  /** One character a byte; null at the end. */
  private @Nullable String read() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return line.size() == 0 ? null : line.toString(ISO_8859_1);
      }
      line.write(c);
    }
    return line.toString(ISO_8859_1);
  }

  private void say(List<String> lines) throws IOException {
    String text = String.join("\n", lines) + "\n";
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }
}
