package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.InvalidParameterException;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueRequest;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageRequest;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageResponse;

/** Changing a secret that others change as well. */
class SecretsTest {
  @TempDir Path folder;
  private final Manager manager = new Manager();
  private final Secrets secrets = new Secrets(() -> manager);

  /** Secrets Manager's rules for versions and their labels, for one secret. */
  private static final class Manager implements SecretsManagerClient {
    private final Map<String, String> texts = new HashMap<>(Map.of("first", ""));
    private final Map<String, String> labels = new HashMap<>(Map.of("AWSCURRENT", "first"));
    private boolean failMove;
    private boolean loseAnswerOfMove;
    private Runnable beforeMove = () -> {};

    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {}

    @Override
    public synchronized GetSecretValueResponse getSecretValue(GetSecretValueRequest request) {
      String version = Objects.requireNonNull(labels.get("AWSCURRENT"));
      return GetSecretValueResponse.builder()
          .versionId(version)
          .secretString(texts.get(version))
          .build();
    }

    @Override
    public synchronized PutSecretValueResponse putSecretValue(PutSecretValueRequest request) {
      assertThat(request.clientRequestToken()).hasSizeBetween(32, 64);
      assertThat(request.versionStages()).as("nothing is current yet").doesNotContain("AWSCURRENT");
      assertThat(texts.put(request.clientRequestToken(), request.secretString())).isNull();
      request.versionStages().forEach(label -> labels.put(label, request.clientRequestToken()));
      return PutSecretValueResponse.builder().build();
    }

    @Override
    public UpdateSecretVersionStageResponse updateSecretVersionStage(
        UpdateSecretVersionStageRequest request) {
      boolean isMove = request.versionStage().equals("AWSCURRENT");
      if (isMove) {
        Runnable first = beforeMove;
        beforeMove = () -> {};
        first.run();
      }
      synchronized (this) {
        if (isMove && failMove) {
          throw SdkClientException.create("no answer");
        }
        if (!Objects.equals(labels.get(request.versionStage()), request.removeFromVersionId())) {
          throw InvalidParameterException.builder().message("the label is elsewhere").build();
        }
        if (request.moveToVersionId() == null) {
          labels.remove(request.versionStage());
        } else {
          labels.put(request.versionStage(), request.moveToVersionId());
        }
        if (isMove && loseAnswerOfMove) {
          loseAnswerOfMove = false;
          throw SdkClientException.create("no answer");
        }
        return UpdateSecretVersionStageResponse.builder().build();
      }
    }

    String text() {
      return Objects.requireNonNull(texts.get(Objects.requireNonNull(labels.get("AWSCURRENT"))));
    }
  }

  @Test
  void aChangeBetweenReadingAndWritingIsKept() {
    manager.beforeMove = () -> secrets.change("name", text -> text + "theirs ");
    secrets.change("name", text -> text + "ours ");
    assertThat(manager.text()).isEqualTo("theirs ours ");
    assertThat(manager.labels).as("none of ours is left").containsOnlyKeys("AWSCURRENT");
  }

  @Test
  void aMoveThatWasMadeAndReportedAsFailedIsMadeOnce() {
    manager.loseAnswerOfMove = true;
    secrets.change("name", text -> text + "ours ");
    assertThat(manager.text()).isEqualTo("ours ");
  }

  @Test
  void aMoveThatFailedIsAFailure() {
    manager.failMove = true;
    assertThatThrownBy(() -> secrets.change("name", text -> text + "ours "))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("cannot change secret name: no answer");
    assertThat(manager.text()).isEmpty();
    assertThat(manager.labels).containsOnlyKeys("AWSCURRENT");
  }

  @Test
  void whatChangesNothingIsNotWritten() {
    secrets.change("name", text -> text);
    assertThat(manager.texts).hasSize(1);
  }

  @Test
  void aFileIsReplacedAsAWholeAndLosesNothing() throws Exception {
    Path file = Files.writeString(folder.resolve("tokens.json"), "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String word = i + " ";
        all.add(threads.submit(() -> secrets.change("file:" + file, text -> text + word)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertThat(Files.readString(file).strip().split(" "))
        .containsExactlyInAnyOrder(
            IntStream.range(0, 20).mapToObj(Integer::toString).toArray(String[]::new));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aRefusedChangeLeavesTheFileAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("tokens.json"), "before");
    assertThatThrownBy(() ->
            secrets.change(
                "file:" + file,
                text -> {
                  throw new SheafException(ErrorKind.CONFLICT, "no");
                }))
        .hasMessage("no");
    assertThat(file).hasContent("before");
    assertThat(folder.resolve("tokens.json.next")).doesNotExist();
  }
}
