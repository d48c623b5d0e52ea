package dev.sheaf.cli.remote;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.git.RefBytes;
import dev.sheaf.cli.http.RefResult;
import dev.sheaf.cli.http.RefUpdate;
import dev.sheaf.cli.http.RefUpdate.Expected;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.SiteRefs;
import dev.sheaf.cli.http.UpdateAnswer;
import dev.sheaf.cli.send.PackSender;
import dev.sheaf.cli.send.SentPack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code push} lines of one {@code git push}. */
final class PushBatch {
  private final LocalRepository repository;
  private final RepositoryClient client;
  private final HelperOptions options;

  PushBatch(LocalRepository repository, RepositoryClient client, HelperOptions options) {
    this.repository = repository;
    this.client = client;
    this.options = options;
  }

  /**
   * Pushes.
   *
   * @param specs {@code [+]SOURCE:TARGET}; without a source the target is deleted
   * @param there the refs as git was told of them: it has judged by these what may move
   * @return a status line of the protocol for each
   */
  List<String> push(List<String> specs, SiteRefs there, PackSender sender) throws IOException {
    repository.requireCarried();
    List<RefUpdate> updates = updates(specs, there);
    if (options.dryRun()) {
      return updates.stream().map(update -> "ok " + RefBytes.of(update.name())).toList();
    }
    if (options.atomic()) {
      RepositoryClient.requireOneRequest(updates);
    }
    repository.requireWhole();
    SentPack pack = sender.send(repository, updates, null, there.refs().values());
    UpdateAnswer answer =
        client.update(
            pack == null ? null : pack.id(), updates, firstHead(updates, there), options.atomic());
    if (pack != null) {
      pack.remember(repository, answer);
    }
    Map<RefName, RefResult> results = new LinkedHashMap<>();
    answer.results().forEach(result -> results.put(result.name(), result));
    boolean none = options.atomic() && !answer.results().stream().allMatch(RefResult::isDone);
    return updates.stream()
        .map(update -> status(update, results.get(update.name()), none))
        .toList();
  }

  private List<RefUpdate> updates(List<String> specs, SiteRefs there) throws IOException {
    List<String> sources = new ArrayList<>();
    for (String spec : specs) {
      String source = source(spec);
      if (!source.isEmpty()) {
        sources.add(source);
      }
    }
    List<GitId> ids = resolve(sources);
    List<RefUpdate> updates = new ArrayList<>();
    int next = 0;
    for (String spec : specs) {
      GitId target = source(spec).isEmpty() ? null : ids.get(next++);
      updates.add(update(spec, target, there));
    }
    return updates;
  }

  private static String source(String spec) {
    return spec.substring(spec.startsWith("+") ? 1 : 0, spec.lastIndexOf(':'));
  }

  private RefUpdate update(String spec, @Nullable GitId target, SiteRefs there) {
    RefName name = RefBytes.parse(spec.substring(spec.lastIndexOf(':') + 1));
    boolean force = spec.startsWith("+");
    Expected lease = options.lease(name);
    Expected seen = Expected.of(there.refs().get(name));
    Expected old = lease != null ? lease : force ? Expected.ANYTHING : seen;
    // Whether what is no branch may move, git has judged itself.
    return new RefUpdate(name, old, target, force || lease != null || !name.isBranch());
  }

  private List<GitId> resolve(List<String> sources) throws IOException {
    if (sources.isEmpty()) {
      return List.of();
    }
    String asked = String.join("\n", sources) + "\n";
    List<GitId> ids = new ArrayList<>();
    for (String line :
        repository
            .git()
            .output(asked, "cat-file", "--batch-check=%(objectname)")
            .lines()
            .toList()) {
      ids.add(new GitId(line));
    }
    return ids;
  }

  /** The first push makes its own branch the default. */
  private @Nullable Head firstHead(List<RefUpdate> updates, SiteRefs there) throws IOException {
    if (there.head() != null || !(repository.head() instanceof Head.Branch branch)) {
      return null;
    }
    boolean pushed =
        updates.stream()
            .anyMatch(update -> update.target() != null && update.name().equals(branch.name()));
    return pushed ? branch : null;
  }

  /** In the words by which git knows what to tell the user. */
  private static String status(RefUpdate update, @Nullable RefResult result, boolean none) {
    String name = RefBytes.of(update.name());
    if (result == null || (none && result.isDone())) {
      return none ? "error " + name + " atomic push failed" : "ok " + name;
    }
    return switch (result.reason()) {
      case null -> "ok " + name;
      case "non_fast_forward" -> "error " + name + " non-fast forward";
      case "stale" -> "error " + name + (update.force() ? " stale info" : " fetch first");
      default -> "error " + name + " " + result.why().replaceAll("[^ -~]", "?");
    };
  }
}
