package dev.sheaf.cli.receive;

import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.process.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Fills the work tree of a new clone. Git does it: it refuses names that lead out of the folder,
 * and honours the user's own line ends and filters.
 */
final class WorkTree {
  private final GitProgram git;
  private final LocalRepository repository;
  private final Progress progress;

  /**
   * @param top holds {@code .git} and nothing that git does not know
   */
  WorkTree(Map<String, String> variables, Path top, Progress progress) {
    Path folder = top.resolve(".git");
    this.repository = LocalRepository.at(variables, folder);
    this.git = new GitProgram(variables, folder, top);
    this.progress = progress;
  }

  /** Writes what HEAD names; gives why that was not possible, null when it was. */
  @Nullable String fill() throws IOException {
    if (!git.run("rev-parse", "--verify", "--quiet", "HEAD^{tree}").isDone()) {
      return null;
    }
    GitProgram.Outcome outcome = git.run("read-tree", "-m", "-u", "HEAD");
    if (outcome.isDone() || outcome.complaint().contains("would be overwritten")) {
      return outcome.isDone() ? null : outcome.reason();
    }
    List<String> words = withoutFilters();
    if (words.isEmpty()) {
      return outcome.reason();
    }
    words.addAll(List.of("read-tree", "--reset", "-u", "HEAD"));
    GitProgram.Outcome plain = git.run(words.toArray(String[]::new));
    if (plain.isDone()) {
      progress.say(
          "git could not fill the work tree with the filters of its configuration ("
              + outcome.reason()
              + "); files were written without, 'git status' shows which differ");
    }
    return plain.isDone() ? null : plain.reason();
  }

  /** A filter that is required and fails (git-lfs that is not installed) stops all other files. */
  private List<String> withoutFilters() throws IOException {
    Set<String> filters = new TreeSet<>();
    for (String key : repository.settings("^filter\\..*\\.(smudge|process|required)$").keySet()) {
      filters.add(key.substring(0, key.lastIndexOf('.')));
    }
    List<String> words = new ArrayList<>();
    for (String filter : filters) {
      for (String off : List.of(".required=false", ".smudge=", ".process=")) {
        words.addAll(List.of("-c", filter + off));
      }
    }
    return words;
  }
}
