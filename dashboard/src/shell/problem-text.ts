import { t } from "../i18n.svelte.ts";
import type { Problem } from "../wire/rest.ts";

export const problemText = (problem: Problem): string =>
  problem.kind === "unreachable"
    ? t("problem.unreachable")
    : t("problem.refused", { status: problem.status, error: problem.error });
