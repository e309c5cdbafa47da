;;; Emacs, set up with the block of the page: completes, hovers and shows findings.  -*- lexical-binding: t -*-
(require 'package)
(package-initialize)
(load (getenv "HUNTLENS_INIT") nil t)
(setq eglot-sync-connect 20 eglot-autoshutdown nil)

(defun say (&rest words) (princ (concat (mapconcat (lambda (word) (format "%s" word)) words " ") "\n")))

(defun wait (what check)
  "Wait until CHECK gives something, and give that; WHAT it is is told where it does not come."
  (let ((end (+ (float-time) 30)) found)
    (while (not (setq found (funcall check)))
      (when (> (float-time) end) (say "TIMEOUT" what) (kill-emacs 1))
      (accept-process-output nil 0.05))
    found))

(defun visit (name)
  "Open a file as a user does; what waits for the next command is run, since there is none here."
  (find-file name)
  (run-hooks 'post-command-hook)
  (wait "the server" #'eglot-current-server))

(defun after (text) (goto-char (point-min)) (search-forward text))

(defun offers ()
  "What completion at point lists."
  (let ((found (run-hook-with-args-until-success 'completion-at-point-functions)))
    (all-completions (buffer-substring (nth 0 found) (nth 1 found)) (nth 2 found))))

(defun findings ()
  (flymake-start)
  (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))

(visit "triage.kql")
(say "MODE" major-mode)
(dolist (one (wait "findings of KQL" #'findings)) (say "FINDING" one))
(after "| where Ev")
(say "OFFER" (member "EventID" (mapcar #'substring-no-properties (offers))))

(visit "hunt.py")
(dolist (one (wait "findings" #'findings)) (say "FINDING" one))
(after "found = qp.windows.")
(dolist (one (offers)) (say "OFFER" (substring-no-properties one)))
(after "found = qp.windows.lo")
(let (told)
  (run-hook-with-args 'eldoc-documentation-functions (lambda (text &rest _) (push (format "%s" text) told)))
  (say "HOVER" (wait "hover" (lambda () (cl-find-if (lambda (text) (string-match-p "Successful" text)) told)))))
(after "qp.windows.lgons")
(delete-region (- (point) 5) (point))
(insert "logons")
(offers) ; changes are sent with the next request; the idle timer does not run here
(wait "mended" (lambda () (not (cl-some (lambda (one) (string-match-p "lgons" one)) (findings)))))
(say "MENDED")
(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
(kill-emacs 0)
