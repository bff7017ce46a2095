/** What can be typed in a conversation beside messages. */

export const HELP = `Type a message, or:
  /stop            stop the run (Ctrl-C does, too)
  /approve         let the tool call that waits for you go on
  /reject          refuse it
  /expand [n]      show the last tool call, or the n-th, in full
  /figures         show what each figure of the last answer rests on
  /report          show the report of the last run that made one
  /threads         list your threads
  /open <n | id>   open a thread of the list, or by its id
  /new             begin another thread
  /rename <title>  rename this thread
  /quit            leave`;
