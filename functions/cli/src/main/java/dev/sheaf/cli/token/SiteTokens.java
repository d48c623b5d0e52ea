package dev.sheaf.cli.token;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.storage.wiring.Secrets;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The list of a site, by the credentials of whoever runs the site. */
final class SiteTokens {
  /** Of an entry's hash: enough to tell a site's tokens apart. */
  private static final int ID_DIGITS = 12;

  @Option(
      names = "--tokens",
      paramLabel = "REFERENCE",
      description =
          "The site's list: file:/PATH, or the ARN or name of a secret in Secrets Manager; else"
              + " SHEAF_TOKENS.")
  private @Nullable String reference;

  private final Map<String, String> variables;

  SiteTokens(Environment environment) {
    this.variables = environment.variables();
  }

  List<TokenEntry> read() {
    return TokenList.parse(Secrets.from(variables).read(reference()));
  }

  void change(UnaryOperator<List<TokenEntry>> change) {
    Secrets.from(variables)
        .change(reference(), text -> TokenList.write(change.apply(TokenList.parse(text))));
  }

  private String reference() {
    String given = reference == null ? variables.get("SHEAF_TOKENS") : reference;
    if (given == null || given.isBlank()) {
      throw new SheafException(
          ErrorKind.INVALID, "name the site's list of tokens: --tokens, or SHEAF_TOKENS");
    }
    return given;
  }

  /** By what people name an entry where its name is not enough. */
  static String id(TokenEntry entry) {
    return entry.hash().hex().substring(0, ID_DIGITS);
  }
}
