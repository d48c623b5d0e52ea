package dev.sheaf.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteUrlTest {
  @Test
  void keepsWhatIsInFrontOfTheRepository() {
    RemoteUrl url = RemoteUrl.parse("https://example.org/stage/me/project/");
    assertThat(url.base()).isEqualTo("https://example.org/stage/me/project");
    assertThat(url.name()).isEqualTo("project");
    assertThat(url.route("/refs")).hasToString("https://example.org/stage/me/project/refs");
  }

  @Test
  void theSchemeIsTheSameInCapitals() {
    assertThat(RemoteUrl.parse("HTTPS://example.org/me/project").base())
        .isEqualTo("https://example.org/me/project");
  }

  /** Of a repository whose name another site had made before. */
  @Test
  void aSiteMayStandBehindTheName() {
    RemoteUrl url = RemoteUrl.parse("https://example.org/me/project~127.0.0.1-8421");
    assertThat(url.name()).isEqualTo("project~127.0.0.1-8421");
    assertThat(url.route("/refs"))
        .hasToString("https://example.org/me/project~127.0.0.1-8421/refs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "me/project",
        "ftp://example.org/me/project",
        "https://example.org",
        "https://example.org/project",
        "https://example.org/me/..",
        "https://example.org/me/project?x=1",
        "https://example.org/me/project~",
        "https://example.org/me~site/project",
        "https:///me/project",
        "https://example.org:99999/me/project",
        "https://exa mple.org/me/project"
      })
  void refusesEverythingElse(String text) {
    assertThatThrownBy(() -> RemoteUrl.parse(text))
        .hasMessageContaining(text)
        .hasMessageContaining("https://HOST/OWNER/REPO");
  }
}
