package dev.sheaf.api.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {
  private final TokenMint mint = new TokenMint(new SecureRandom());
  private final AtomicLong nanoTime = new AtomicLong();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicReference<String> stored = new AtomicReference<>("[]");
  private final TokenDirectory directory =
      new TokenDirectory(
          () -> {
            reads.incrementAndGet();
            return stored.get();
          },
          nanoTime::get);

  private TokenMint.Minted mint(Scope scope, String glob) {
    return mint.mint("t-" + scope.text(), Set.of(scope), List.of(RepoGlob.parse(glob)), null);
  }

  @Test
  void aMintedTokenIsKnownByItsEntryAlone() {
    TokenMint.Minted minted = mint(Scope.WRITE, "gabriel/*");
    stored.set(TokenList.write(List.of(minted.entry())));

    Caller caller = directory.caller(minted.token()).orElseThrow();
    assertThat(caller.name()).isEqualTo("t-write");
    assertThat(caller.mayWrite("gabriel", "core")).isTrue();
    assertThat(caller.mayRead("gabriel", "core")).isTrue();
    assertThat(caller.mayWrite("other", "core")).isFalse();
    assertThat(stored.get()).doesNotContain(minted.token()).doesNotContain("sheaf_");
  }

  @Test
  void tokensAreLongAndNeverTheSame() {
    String one = mint(Scope.READ, "*").token();
    assertThat(one).matches("sheaf_[A-Za-z0-9_-]{43}").isNotEqualTo(mint(Scope.READ, "*").token());
  }

  @Test
  void anotherTokenOpensNothing() {
    TokenMint.Minted minted = mint(Scope.ADMIN, "*");
    stored.set(TokenList.write(List.of(minted.entry())));
    assertThat(directory.caller(minted.token() + "x")).isEmpty();
    assertThat(directory.caller("")).isEmpty();
    assertThat(directory.caller(minted.entry().hash().hex())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"read, true, false", "write, true, true", "admin, true, true", "peer, false, false"})
  void scopes(String scope, boolean reads, boolean writes) {
    Caller caller =
        new Caller(
            "c",
            Set.of(Scope.valueOf(scope.toUpperCase(java.util.Locale.ROOT))),
            List.of(RepoGlob.parse("o/*")),
            null);
    assertThat(caller.mayRead("o", "r")).isEqualTo(reads);
    assertThat(caller.mayWrite("o", "r")).isEqualTo(writes);
    assertThat(caller.mayRead("x", "r")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "*, o, r, true",
    "o/*, o, r, true",
    "o/*, oo, r, false",
    "o/r, o, r, true",
    "o/r, o, rr, false",
    "o/*-docs, o, core-docs, true",
    "o/*-docs, o, core, false",
    "*/r, any, r, true",
    "o/r.x, o, rAx, false"
  })
  void globs(String glob, String owner, String repo, boolean matches) {
    assertThat(RepoGlob.parse(glob).matches(owner, repo)).isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "owner", "a/b/c", "/", "o/", "**", "o/r\\E"})
  void globsOfNoForm(String glob) {
    assertThatThrownBy(() -> RepoGlob.parse(glob)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRevokedTokenStopsAfterTheReload() {
    TokenMint.Minted minted = mint(Scope.READ, "*");
    stored.set(TokenList.write(List.of(minted.entry())));
    assertThat(directory.caller(minted.token())).isPresent();
    stored.set("[]");
    nanoTime.set(TokenDirectory.RELOAD.toNanos() - 1);
    assertThat(directory.caller(minted.token())).isPresent();
    nanoTime.set(TokenDirectory.RELOAD.toNanos());
    assertThat(directory.caller(minted.token())).isEmpty();
  }

  @Test
  void aNewTokenWorksSoonAndGuessingDoesNotReadTheSecretEachTime() {
    TokenMint.Minted minted = mint(Scope.READ, "*");
    assertThat(directory.caller(minted.token())).isEmpty();
    stored.set(TokenList.write(List.of(minted.entry())));
    for (int i = 0; i < 100; i++) {
      assertThat(directory.caller("guess-" + i)).isEmpty();
    }
    assertThat(reads).hasValue(1);
    nanoTime.set(TokenDirectory.RELOAD_FOR_UNKNOWN.toNanos());
    assertThat(directory.caller(minted.token())).isPresent();
    assertThat(reads).hasValue(2);
  }

  @Test
  void aListThatCannotBeReadAgainStaysInForce() {
    TokenMint.Minted minted = mint(Scope.READ, "*");
    stored.set(TokenList.write(List.of(minted.entry())));
    assertThat(directory.caller(minted.token())).isPresent();
    stored.set("{");
    nanoTime.set(TokenDirectory.RELOAD.toNanos());
    assertThat(directory.caller(minted.token())).isPresent();
  }

  @Test
  void aListThatWasNeverReadIsAFailure() {
    stored.set("{");
    assertThatThrownBy(() -> directory.caller("x"))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("SHEAF_TOKENS");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | no JSON array",
        "[1] | entry 0 is not an object",
        "[{\"name\":\"a\"}] | entry 0: sha256",
        "[{\"name\":\"a\",\"sha256\":\"abc\"}] | entry 0: sha256",
        "[{\"sha256\":\"HASH\"}] | entry 0: name",
        "[{\"name\":\"a\",\"sha256\":\"HASH\",\"scopes\":[\"root\"]}] | unknown scope 'root'",
        "[{\"name\":\"a\",\"sha256\":\"HASH\",\"repos\":[\"x\"]}] | no repository glob",
        "[{\"name\":\"a\",\"sha256\":\"HASH\",\"repos\":\"x\"}] | repos is no list"
      })
  void errorsNameTheEntryAndNoHash(String json, String reason) {
    String hash = "ab".repeat(32);
    assertThatThrownBy(() -> TokenList.parse(json.replace("HASH", hash)))
        .hasMessageContaining(reason.replace("no JSON array", "not a JSON array"))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(hash));
  }

  @Test
  void anEntryThatNamesNoScopeOpensNothing() {
    TokenEntry entry =
        TokenList.parse("[{\"name\":\"a\",\"sha256\":\"" + "ab".repeat(32) + "\"}]").getFirst();
    assertThat(new Caller(entry.name(), entry.scopes(), entry.repos(), null).mayRead("o", "r"))
        .isFalse();
    assertThat(Optional.ofNullable(entry.host())).isEmpty();
  }
}
