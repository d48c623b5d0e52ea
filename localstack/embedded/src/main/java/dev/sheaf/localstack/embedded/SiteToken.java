package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.servers.access.PrivateFiles;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The token of whoever started the stack, and the list that the api reads.
 *
 * @param text the token: opens everything
 * @param list file with the entries of all tokens; may be added to while the stack runs
 */
record SiteToken(String text, Path list) {
  private static final String NAME = "local";

  /**
   * Makes a token, or takes the one that the folder has from an earlier run.
   *
   * @param more further entries, which the list is to have as well
   */
  static SiteToken in(Path folder, List<TokenEntry> more, RandomGenerator random)
      throws IOException {
    Path token = folder.resolve("token");
    Path list = folder.resolve("tokens.json");
    if (Files.exists(token) && Files.exists(list)) {
      add(list, more);
      return new SiteToken(Files.readString(token).strip(), list);
    }
    var minted =
        new TokenMint(random)
            .mint(NAME, EnumSet.allOf(Scope.class), List.of(RepoGlob.parse("*")), null);
    List<TokenEntry> entries = new ArrayList<>(more);
    entries.add(minted.entry());
    PrivateFiles.write(list, TokenList.write(entries).getBytes(UTF_8));
    PrivateFiles.write(token, (minted.token() + "\n").getBytes(UTF_8));
    return new SiteToken(minted.token(), list);
  }

  /** Whatever else stands in the list stays there. */
  private static void add(Path list, List<TokenEntry> more) throws IOException {
    List<TokenEntry> entries = TokenList.parse(Files.readString(list));
    List<TokenEntry> all = new ArrayList<>(entries);
    more.stream()
        .filter(entry -> entries.stream().noneMatch(known -> known.hash().equals(entry.hash())))
        .forEach(all::add);
    if (all.size() > entries.size()) {
      PrivateFiles.write(list, TokenList.write(all).getBytes(UTF_8));
    }
  }
}
