package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presigned uploads by what people have at hand, each with the Content-Type that it likes. */
class PlainClientsTest {
  private static final byte[] BODY = "a=1&b=%zz&a bundle".getBytes(StandardCharsets.UTF_8);

  private static final String URLLIB =
      """
      import json, sys, urllib.request
      headers = json.loads(sys.argv[2])
      body = open(sys.argv[3], 'rb').read()
      request = urllib.request.Request(sys.argv[1], data=body, headers=headers, method='PUT')
      print(urllib.request.urlopen(request).status)
      """;

  private final ApiSite site = ApiSite.start();
  private final TestClient client = site.client("plain/clients");
  @TempDir private Path folder;
  private Path file;
  private Map<String, ?> headers;
  private String url;

  @BeforeEach
  void presign() throws IOException {
    file = Files.write(folder.resolve("bundle"), BODY);
    Answer presigned = client.presign(BODY).expect(200);
    headers = presigned.map("headers");
    url = presigned.text("url");
    assertThat(headers.keySet()).noneMatch("content-type"::equalsIgnoreCase);
    assertThat(url).doesNotContain("content-type");
  }

  @Test
  void curlSendsAForm() throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-w", "%{http_code}"));
    headers.forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
    command.addAll(List.of("-X", "PUT", "--data-binary", "@" + file, url));
    assertThat(run(command)).endsWith("200");
    assertStored();
  }

  @Test
  void curlSendsAFile() throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-w", "%{http_code}"));
    headers.forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
    command.addAll(List.of("-T", file.toString(), url));
    assertThat(run(command)).endsWith("200");
    assertStored();
  }

  @Test
  void urllibSendsAForm() throws Exception {
    StringBuilder json = new StringBuilder("{");
    headers.forEach((name, value) ->
        json.append(json.length() > 1 ? "," : "").append("\"%s\":\"%s\"".formatted(name, value)));
    assertThat(
            run(
                List.of(
                    "python3", "-c", URLLIB, url, json.append('}').toString(), file.toString())))
        .isEqualTo("200");
    assertStored();
  }

  private void assertStored() {
    assertThat(client.presign(BODY).expect(200).document())
        .containsEntry("exists", true)
        .containsEntry("bundle_key", Ids.object(BODY).prefixed());
  }

  private static String run(List<String> command) throws Exception {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, command.getFirst() + " is not here");
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.strip();
  }
}
