package dev.sheaf.api.push;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.repository.MovedOnException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.UndecidedException;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.ObjectStore;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@code POST /push/unpack-bundle}: an uploaded bundle is announced. Branches move at once; what a
 * small bundle brings can be read at once, before any worker ran. The upload's own event and this
 * call may come in either order, and any number of times.
 */
public final class UnpackBundleRoute {
  private final StoredBundles bundles;
  private final Pushes pushes;
  private final RefusedUploads refused;
  private final Supplier<BundleReader> reader;
  private final long readNowBytes;
  private final LaneWakeUp wakeUp;
  private final Supplier<GitPushRoute> git;
  private final Consumer<String> writeDown;

  /**
   * @param reader only asked for when a bundle is decoded
   * @param readNowBytes a larger bundle is left to a worker without a look into it; 0: every one
   * @param git answers announcements with the field {@code updates}
   * @param writeDown told of a repository after a move of branches that no bundle tells of
   */
  public UnpackBundleRoute(
      ObjectStore store,
      Pushes pushes,
      RefusedUploads refused,
      Supplier<BundleReader> reader,
      long readNowBytes,
      LaneWakeUp wakeUp,
      Supplier<GitPushRoute> git,
      Consumer<String> writeDown) {
    this.bundles = new StoredBundles(store);
    this.pushes = pushes;
    this.refused = refused;
    this.reader = reader;
    this.readNowBytes = readNowBytes;
    this.wakeUp = wakeUp;
    this.git = git;
    this.writeDown = writeDown;
  }

  /**
   * Takes {@code {bundle_key, branch_heads | branch and head, force, expected_heads}}, answers
   * {@code {ok, branch_heads, job_id}} and, for a bundle that was read, its counts. Where there are
   * more heads than one page of {@code GET /refs} has, {@code refs_next} goes into that one's
   * {@code after}. With the field {@code updates} or {@code packed_updates} it is git's: see {@link
   * GitPushRoute#answer}.
   */
  public Reply answer(RepoCall call) {
    Document fields = call.request().document(GatewayLimits.DOCUMENT_BYTES);
    if (GitAnnouncement.isOne(fields)) {
      return git.get().answer(call, fields);
    }
    ContentId bundle = BundleKeys.required(fields);
    call.request().log().put("bundle", bundle.hex());
    Announcement announced =
        refused.unlessRefused(call.repo(), bundle, () -> Announcement.of(fields));
    ObjectStore.StoredObject stored = bundles.proven(call.repo(), bundle);
    Pushes.Request push =
        new Pushes.Request(
            call.repo(),
            bundle,
            stored.size(),
            announced.heads(),
            announced.force(),
            announced.expectedHeads(),
            stored.lastModified());
    Pushes.Result result = push(push, stored);
    call.request().log().put("bundle_bytes", stored.size()).put("job", result.job().jobId());
    if (result.wakeUp()) {
      wakeUp.wake(call.repo().repoId());
    }
    if (announced.force() || result.job().status() == Job.Status.DONE) {
      writeDown.accept(call.repo().repoId()); // its bundle alone would not move them so
    }
    return Reply.ok(fields(announced, result));
  }

  private Pushes.Result push(Pushes.Request push, ObjectStore.StoredObject upload) {
    try {
      return push.sizeBytes() <= readNowBytes ? readNow(push) : pushes.readLater(push);
    } catch (NotFastForwardException e) {
      refuse(push, upload, e);
      throw HttpFailure.conflict("non_fast_forward", String.valueOf(e.getMessage()));
    } catch (MovedOnException e) {
      refuse(push, upload, e);
      throw HttpFailure.conflict("moved_on", String.valueOf(e.getMessage()));
    } catch (SheafException e) {
      switch (e.kind()) {
        // Two transactions got in each other's way. A client would take a 409 for a diverged
        // branch.
        case CONFLICT ->
            throw HttpFailure.busy("another push was in the way, and this one changed nothing", 1);
        case INVALID, TOO_LARGE -> refuse(push, upload, e);
        case UNAVAILABLE -> {
          if (e.getCause() instanceof UndecidedException) {
            throw HttpFailure.busy(String.valueOf(e.getMessage()), 3);
          }
        }
        default -> {}
      }
      throw e;
    }
  }

  private void refuse(Pushes.Request push, ObjectStore.StoredObject upload, SheafException reason) {
    refused.note(push.repo(), push.bundle(), upload, String.valueOf(reason.getMessage()));
  }

  private Pushes.Result readNow(Pushes.Request push) {
    try (InputStream wire =
        new BufferedInputStream(bundles.open(push.repo(), push.bundle()), 1 << 16)) {
      wire.mark(BundleHeader.FIRST_BYTES);
      if (BundleHeader.isGitBundle(wire.readNBytes(BundleHeader.FIRST_BYTES))) {
        throw new SheafException(
            ErrorKind.INVALID,
            push.bundle().prefixed()
                + " is a git bundle: announce it with 'updates' in place of branches, or not at"
                + " all, and upload it again");
      }
      wire.reset();
      return pushes.readNow(push, reader.get(), wire);
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "reading bundle " + push.bundle().prefixed() + " broke off; try again",
          e);
    }
  }

  private static Map<String, Object> fields(Announcement announced, Pushes.Result result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ok", true);
    fields.put("bundle_key", announced.bundle().prefixed());
    fields.put("branch_heads", result.branchHeads());
    if (result.refsNext() != null) {
      fields.put("refs_next", result.refsNext());
    }
    if (announced.branch() != null) {
      fields.put("remote_head", announced.heads().get(announced.branch()));
    }
    fields.put("job_id", result.job().jobId());
    fields.put("job_status", result.job().status().column());
    IncomingHistory.Counts counts = result.ingested();
    fields.put("readable", counts != null);
    if (counts != null) {
      fields.put("commits_written", counts.commits());
      fields.put("snapshots_written", counts.snapshots());
    }
    return fields;
  }
}
