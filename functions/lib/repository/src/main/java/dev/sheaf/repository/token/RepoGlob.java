package dev.sheaf.repository.token;

import java.util.regex.Pattern;

/**
 * Names repositories: {@code *} all of them, else {@code owner/repo} where each {@code *} stands
 * for any run of characters without a slash.
 */
public final class RepoGlob {
  private static final Pattern FORM = Pattern.compile("\\*|[A-Za-z0-9._*-]+/[A-Za-z0-9._*~-]+");

  private final String glob;
  private final Pattern pattern;

  private RepoGlob(String glob) {
    this.glob = glob;
    this.pattern =
        glob.equals("*")
            ? Pattern.compile(".*")
            : Pattern.compile("\\Q" + glob.replace("*", "\\E[^/]*\\Q") + "\\E");
  }

  /**
   * Reads a glob.
   *
   * @throws IllegalArgumentException when it has no such form
   */
  public static RepoGlob parse(String glob) {
    if (!FORM.matcher(glob).matches()) {
      throw new IllegalArgumentException(
          "'" + glob + "' is no repository glob; write owner/repo, owner/* or *");
    }
    return new RepoGlob(glob);
  }

  /** Whether it names this repository. */
  public boolean matches(String owner, String repo) {
    return pattern.matcher(owner + "/" + repo).matches();
  }

  /** Whether it names every repository. */
  public boolean isAll() {
    return glob.equals("*") || glob.equals("*/*");
  }

  @Override
  public String toString() {
    return glob;
  }
}
