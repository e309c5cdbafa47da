-- Neovim, set up with the block of the page: attaches, completes, hovers, shows findings, and takes edits.
local function say(...) io.stdout:write(table.concat(vim.tbl_map(tostring, {...}), ' ') .. '\n') end
local function wait(what, check)
  if not vim.wait(20000, check, 20) then say('TIMEOUT', what); vim.cmd('cq 1') end
end
vim.cmd('filetype on')
dofile(os.getenv('HUNTLENS_INIT'))
local function client() return (vim.lsp.get_clients or vim.lsp.get_active_clients)()[1] end

vim.cmd('edit triage.kql')
say('FILETYPE', vim.bo.filetype)
wait('findings of KQL', function() return #vim.diagnostic.get(0) > 0 end)

vim.cmd('edit hunt.py')
local buffer = vim.api.nvim_get_current_buf()
wait('the server', function() return client() and client().initialized ~= false end)
say('ENCODING', client().offset_encoding)
say('CLIENTS', #(vim.lsp.get_clients or vim.lsp.get_active_clients)())

local function line_of(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local start, stop = line:find(text, 1, true)
    if start then return number - 1, start - 1, stop end
  end
end
local function ask(method, line, column)
  local params = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = column } }
  for _, answer in pairs(vim.lsp.buf_request_sync(buffer, method, params, 10000) or {}) do return answer.result end
end

local line, _, column = line_of('found = qp.windows.')
for _, item in ipairs(ask('textDocument/completion', line, column).items) do say('OFFER', item.label) end
say('HOVER', (ask('textDocument/hover', line, column + 2).contents.value:gsub('\n', ' ')))
wait('findings', function() return #vim.diagnostic.get(buffer) > 0 end)
for _, one in ipairs(vim.diagnostic.get(buffer)) do say('FINDING', one.code or one.user_data.lsp.code, one.message) end

-- An edit that mends: the finding goes away.
local wrong, start, stop = line_of('lgons')
vim.api.nvim_buf_set_text(buffer, wrong, start, wrong, stop, { 'logons' })
wait('mended', function()
  for _, one in ipairs(vim.diagnostic.get(buffer)) do if one.message:find('lgons') then return false end end
  return true
end)
say('MENDED')

-- The menu that a user sees.
say('OMNIFUNC', vim.bo.omnifunc)
vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { 'qp.windows.' })
vim.api.nvim_win_set_cursor(0, { vim.api.nvim_buf_line_count(buffer), 11 })
vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('A<C-x><C-o>', true, false, true), 'n', false)
vim.defer_fn(function()
  local menu = vim.fn.complete_info({ 'mode', 'items', 'pum_visible' })
  say('MENU', menu.pum_visible, #menu.items > 0)
  vim.lsp.stop_client(client().id)
  vim.defer_fn(function() vim.cmd('qa!') end, 200)
end, 1000)
