package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.Head;
import dev.sheaf.cli.git.LocalRepository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A remote on a Sheaf site, as a repository's own configuration has it.
 *
 * @param name what git calls it
 * @param url of the repository there
 */
record Remote(String name, String url) {
  /** Before a URL, tells git which program to ask. */
  private static final String HELPER = "sheaf::";

  private static final String SCHEME = "sheaf://";
  private static final Pattern KEY = Pattern.compile("remote\\.(.*)\\.url", Pattern.DOTALL);

  /**
   * That of the branch which is checked out, else {@code origin}, else the only one.
   *
   * @return empty when none is on a Sheaf site
   * @throws SheafException of kind INVALID when several are, and none of them is meant
   */
  static Optional<Remote> of(LocalRepository repository) throws IOException {
    Map<String, String> settings =
        repository.settings("^(remote\\..*\\.url|branch\\..*\\.remote)$");
    List<Remote> all = new ArrayList<>();
    settings.forEach((key, value) -> {
      Matcher remote = KEY.matcher(key);
      if (remote.matches() && isOurs(value)) {
        all.add(new Remote(remote.group(1), plain(value)));
      }
    });
    if (all.size() <= 1) {
      return all.stream().findFirst();
    }
    return named(all, ofBranch(repository, settings))
        .or(() -> named(all, "origin"))
        .or(() -> {
          throw several(repository, all);
        });
  }

  private static String ofBranch(LocalRepository repository, Map<String, String> settings)
      throws IOException {
    return repository.head() instanceof Head.Branch branch
        ? settings.getOrDefault("branch." + branch.name().branch().orElse("") + ".remote", "")
        : "";
  }

  private static Optional<Remote> named(List<Remote> all, String name) {
    return all.stream().filter(remote -> remote.name.equals(name)).findFirst();
  }

  private static SheafException several(LocalRepository repository, List<Remote> all) {
    return new SheafException(
        ErrorKind.INVALID,
        repository.path()
            + " has several remotes on Sheaf sites ("
            + all.stream().map(Remote::name).sorted().collect(Collectors.joining(", "))
            + ") and none is called origin; 'git config branch.BRANCH.remote NAME' says which one"
            + " a branch is for");
  }

  private static boolean isOurs(String url) {
    return url.startsWith(HELPER) || url.startsWith(SCHEME);
  }

  /** A URL as git has it, as it goes over the wire: {@code sheaf://} is over HTTPS. */
  static String plain(String url) {
    String plain = url.startsWith(HELPER) ? url.substring(HELPER.length()) : url;
    return plain.startsWith(SCHEME) ? "https://" + plain.substring(SCHEME.length()) : plain;
  }
}
